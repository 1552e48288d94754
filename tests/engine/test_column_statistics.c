/* Statistics of columns, and of several as one, against direct computation in two passes. */
#include "engine/column_statistics.h"

#include <math.h>
#include <stdlib.h>

#include "support/arrays.h"

enum { ROWS = 37, COLUMNS = 5, STRIDE = 7 };

/* Of `count` values, each `stride` elements after the other. */
static column_statistics direct(const bp_real *values, size_t count, size_t stride)
{
    long double sum = 0, squares = 0;
    column_statistics made = {.count = (double)count, .min = (double)values[0], .max = (double)values[0]};
    for (size_t i = 0; i < count; i++) {
        made.min = fmin(made.min, (double)values[i * stride]);
        made.max = fmax(made.max, (double)values[i * stride]);
        sum += (long double)values[i * stride];
    }
    long double mean = sum / (long double)count;
    for (size_t i = 0; i < count; i++) {
        long double distance = (long double)values[i * stride] - mean;
        squares += distance * distance;
    }
    made.mean = (double)mean;
    made.deviation = (double)sqrtl(squares / (long double)count);
    made.is_two_valued = made.min < made.max;
    for (size_t i = 0; i < count; i++) {
        double x = (double)values[i * stride];
        made.is_two_valued = made.is_two_valued && (x == made.min || x == made.max);
    }
    return made;
}

static void assert_same(const column_statistics *got, const column_statistics *wanted)
{
    assert_true(got->count == wanted->count);
    assert_true(got->min == wanted->min && got->max == wanted->max);
    assert_close(got->mean, wanted->mean, 1e-12);
    assert_close(got->deviation, wanted->deviation, 1e-12);
    assert_int_equal(got->is_two_valued, wanted->is_two_valued);
}

/* Columns of random numbers, of two values, of one value and of three, with a distant mean. */
static bp_real *example(uint64_t *stream)
{
    bp_real *values = random_reals(stream, ROWS * STRIDE, -3, 5);
    for (size_t row = 0; row < ROWS; row++) {
        bp_real *line = values + row * STRIDE;
        line[1] = (bp_real)test_below(stream, 2);
        line[2] = (bp_real)-7.25;
        line[3] = (bp_real)test_below(stream, 3);
        line[4] += 1000;
    }
    values[1] = 0;
    values[STRIDE + 1] = 1;
    values[3] = 0;
    values[STRIDE + 3] = 1;
    values[2 * STRIDE + 3] = 2;
    return values;
}

static void test_single_columns(void **state)
{
    (void)state;
    uint64_t stream = 1;
    bp_real *values = example(&stream);
    column_sample sample = {"f", "inputs", ROWS, COLUMNS, values, STRIDE};
    column_statistics got[COLUMNS];
    bpi_find_statistics(&sample, got);
    for (size_t i = 0; i < COLUMNS; i++) {
        column_statistics wanted = direct(values + i, ROWS, STRIDE);
        assert_same(&got[i], &wanted);
    }
    assert_true(got[1].is_two_valued);
    assert_true(got[2].min == got[2].max && !got[2].is_two_valued);
    assert_false(got[3].is_two_valued);
    free(values);
}

static void test_one_row(void **state)
{
    (void)state;
    const bp_real values[] = {3, -2};
    column_sample sample = {"f", "inputs", 1, 2, values, 2};
    column_statistics got[2];
    bpi_find_statistics(&sample, got);
    assert_true(got[1].mean == -2 && got[1].deviation == 0 && got[1].min == -2 && got[1].max == -2);
    assert_false(got[1].is_two_valued);
}

/* Values of several lengths, joined one after the other, as one sample. Few different values make sets of one
 * and of two values, with the same and with other ones. */
static void test_joined_statistics(void **state)
{
    (void)state;
    uint64_t stream = 7;
    for (size_t trial = 0; trial < 2000; trial++) {
        bp_real values[64];
        size_t different = 1 + test_below(&stream, 4), total = 0;
        column_statistics joined = {0};
        for (size_t part = 0; part < 4; part++) {
            size_t count = 1 + test_below(&stream, 5);
            for (size_t i = 0; i < count; i++)
                values[total + i] = (bp_real)(10 + 3 * (double)test_below(&stream, different));
            column_statistics one = direct(values + total, count, 1);
            joined = part == 0 ? one : bpi_join_statistics(&joined, &one);
            total += count;
        }
        column_statistics wanted = direct(values, total, 1);
        assert_true(joined.min == wanted.min && joined.max == wanted.max && joined.count == wanted.count);
        assert_close(joined.mean, wanted.mean, 1e-12);
        assert_true(fabs(joined.deviation - wanted.deviation) < 1e-12);
        assert_int_equal(joined.is_two_valued, wanted.is_two_valued);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_columns),
        cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_joined_statistics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
