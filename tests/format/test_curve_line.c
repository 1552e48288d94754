/* The epochs of a curve that are drawn. */
#include "format/curve_line.h"

#include <math.h>
#include <stdlib.h>

#include "support/support.h"

enum { MANY = 123457 };

static double *waves(size_t count)
{
    uint64_t seed = 5;
    double *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = test_uniform(&seed, 1, 2);
    return values;
}

static void test_few_are_all_drawn(void **state)
{
    (void)state;
    size_t points[MAX_POINTS];
    double *values = waves(MAX_POINTS);
    assert_int_equal(bpi_thin_curve(values, 1, points), 1);
    assert_int_equal(bpi_thin_curve(values, MAX_POINTS, points), MAX_POINTS);
    for (size_t i = 0; i < MAX_POINTS; i++)
        assert_int_equal(points[i], i);
    free(values);
}

/* Of many, the ends, a peak and a gap stay. */
static void test_many_are_thinned(void **state)
{
    (void)state;
    const size_t counts[] = {MAX_POINTS + 1, 5000, MANY};
    for (int n = 0; n < 3; n++) {
        size_t count = counts[n], points[MAX_POINTS], low = 400, high = 700, gap = 900, seen = 0;
        double *values = waves(count);
        values[low] = 0.5;
        values[high] = 3;
        values[gap] = NAN;
        size_t drawn = bpi_thin_curve(values, count, points);
        assert_in_range(drawn, MAX_POINTS / 2, MAX_POINTS);
        assert_int_equal(points[0], 0);
        assert_int_equal(points[drawn - 1], count - 1);
        for (size_t i = 0; i < drawn; i++) {
            assert_true(i == 0 || points[i] > points[i - 1]);
            seen += points[i] == low || points[i] == high || points[i] == gap;
        }
        assert_true(seen == 3 || n == 2); /* in the last they fall into the same few groups */
        free(values);
    }
}

static void test_nothing_finite(void **state)
{
    (void)state;
    size_t points[MAX_POINTS];
    double *values = waves(MANY);
    for (size_t i = 0; i < MANY; i++)
        values[i] = i % 2 == 0 ? NAN : INFINITY;
    assert_in_range(bpi_thin_curve(values, MANY, points), 2, MAX_POINTS);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_are_all_drawn),
        cmocka_unit_test(test_many_are_thinned),
        cmocka_unit_test(test_nothing_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
