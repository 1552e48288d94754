/* Columns scaled and back (scaled_rows), by every table. */
#include "kernel/table_checks.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 3, MOST_COLUMNS = 70 };

/* Rows and their scaling, each with gaps around it that nobody may touch. */
typedef struct example {
    matrix from, to, offset, factor;
} example;

static example random_example(size_t columns)
{
    example e = {test_random_matrix(ROWS, columns), test_random_matrix(ROWS, columns),
                 test_random_matrix(1, columns), test_random_matrix(1, columns)};
    for (size_t i = 0; i < columns; i++)
        e.factor.values[i] += e.factor.values[i] < 0 ? -1 : 1;
    return e;
}

static scaled_rows rows_of(const example *e)
{
    return (scaled_rows){.rows = ROWS,
                         .columns = e->from.columns,
                         .offset = e->offset.values,
                         .factor = e->factor.values,
                         .from = e->from.values,
                         .from_stride = e->from.stride,
                         .to = e->to.values,
                         .to_stride = e->to.stride};
}

static void end_example(example *e)
{
    test_assert_gaps_untouched(&e->from);
    test_assert_gaps_untouched(&e->to);
    test_assert_gaps_untouched(&e->offset);
    test_assert_gaps_untouched(&e->factor);
    free(e->from.memory);
    free(e->to.memory);
    free(e->offset.memory);
    free(e->factor.memory);
}

/* Two operations, each rounded, so that all tables have the same bits. */
static void check_values(void)
{
    for (size_t columns = 1; columns < MOST_COLUMNS; columns++) {
        example e = random_example(columns);
        const scaled_rows rows = rows_of(&e);
        for (int back = 0; back < 2; back++) {
            if (back)
                test_kernel->unscale(&rows);
            else
                assert_true(test_kernel->scale(&rows));
            for (size_t row = 0; row < ROWS; row++)
                for (size_t i = 0; i < columns; i++) {
                    const bp_real x = *test_at(&e.from, row, i), offset = e.offset.values[i],
                                  factor = e.factor.values[i];
                    const bp_real difference = x - offset, quotient = x / factor;
                    assert_true(*test_at(&e.to, row, i) == (back ? quotient + offset : difference * factor));
                }
        }
        end_example(&e);
    }
}

static void check_in_place(void)
{
    for (size_t columns = 1; columns < MOST_COLUMNS; columns++) {
        example e = random_example(columns);
        scaled_rows rows = rows_of(&e);
        test_kernel->scale(&rows);
        matrix wanted = test_part_of(&e.to, 0, ROWS);
        rows.to = e.from.values;
        rows.to_stride = e.from.stride;
        test_kernel->scale(&rows);
        for (size_t row = 0; row < ROWS; row++)
            assert_memory_equal(test_at(&e.from, row, 0), test_at(&wanted, row, 0),
                                columns * sizeof(bp_real));
        free(wanted.memory);
        end_example(&e);
    }
}

/* Wherever the value is that is not finite, or does not stay so; without storing anything. */
static void check_what_is_not_finite(void)
{
    const bp_real bad[] = {(bp_real)NAN, (bp_real)INFINITY, (bp_real)TEST_GREATEST};
    for (size_t columns = 1; columns < MOST_COLUMNS; columns++)
        for (size_t kind = 0; kind < 3; kind++) {
            example e = random_example(columns);
            scaled_rows rows = rows_of(&e);
            rows.to = NULL;
            assert_true(test_kernel->scale(&rows));
            const size_t column = test_below(&test_stream, columns);
            *test_at(&e.from, test_below(&test_stream, ROWS), column) = bad[kind];
            e.factor.values[column] = 2;
            assert_false(test_kernel->scale(&rows));
            end_example(&e);
        }
}

TEST_OF_TABLES(values)
TEST_OF_TABLES(in_place)
TEST_OF_TABLES(what_is_not_finite)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_what_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
