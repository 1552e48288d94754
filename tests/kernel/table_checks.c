#include "kernel/table_checks.h"
#include "kernel/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int32_t test_activations[TEST_ACTIVATIONS] = {KERNEL_LINEAR, KERNEL_LOGISTIC, KERNEL_TANH, KERNEL_RELU};

const kernel_table *test_kernel;
uint64_t test_stream;

void test_with_each_table(void (*check)(void))
{
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count);
    for (size_t i = 0; i < count; i++) {
        if (!tables[i]->supported()) {
            print_message("this CPU cannot run '%s'\n", tables[i]->name);
            continue;
        }
        test_kernel = tables[i];
        test_stream = 1;
        check();
    }
}

void test_assert_near(double got, double wanted, double bound, const char *what, const char *file, int line)
{
    if (fabs(got - wanted) <= bound)
        return;
    print_error("%s: %s is %.17g, wanted %.17g within %g\n", test_kernel->name, what, got, wanted, bound);
    _fail(file, line);
}

/* ---------------------------------------------------------------- the formulas */

double test_value_of(int32_t activation, double x)
{
    switch (activation) {
    case KERNEL_LOGISTIC:
        return (double)(1 / (1 + expl(-(long double)x)));
    case KERNEL_TANH:
        return (double)tanhl((long double)x);
    case KERNEL_RELU:
        return x > 0 ? x : 0;
    default:
        return x;
    }
}

double test_slope_of(int32_t activation, double y)
{
    switch (activation) {
    case KERNEL_LOGISTIC:
        return y * (1 - y);
    case KERNEL_TANH:
        return 1 - y * y;
    case KERNEL_RELU:
        return y > 0 ? 1 : 0;
    default:
        return 1;
    }
}

/* ------------------------------------------------------------------- matrices */

matrix test_matrix(size_t rows, size_t columns, size_t gap, size_t offset)
{
    matrix m = {.rows = rows, .columns = columns, .stride = columns + gap, .offset = offset};
    size_t count = offset + (rows - 1) * m.stride + columns;
    m.memory = malloc(count * sizeof *m.memory);
    assert_non_null(m.memory);
    for (size_t i = 0; i < count; i++)
        m.memory[i] = (bp_real)NAN;
    m.values = m.memory + offset;
    return m;
}

bp_real *test_at(const matrix *m, size_t row, size_t column)
{
    return m->values + row * m->stride + column;
}

matrix test_random_matrix(size_t rows, size_t columns)
{
    matrix m = test_matrix(rows, columns, test_below(&test_stream, 3) * test_below(&test_stream, 10),
                           test_below(&test_stream, 20));
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            *test_at(&m, row, column) = (bp_real)test_uniform(&test_stream, -1, 1);
    return m;
}

matrix test_part_of(const matrix *from, size_t first, size_t rows)
{
    matrix m = test_matrix(rows, from->columns, test_below(&test_stream, 5), test_below(&test_stream, 20));
    for (size_t row = 0; row < rows; row++)
        memcpy(test_at(&m, row, 0), test_at(from, first + row, 0), from->columns * sizeof *m.values);
    return m;
}

void test_assert_gaps_untouched(const matrix *m)
{
    for (size_t i = 0; i < m->offset; i++)
        assert_true(isnan(m->memory[i]));
    for (size_t row = 0; row + 1 < m->rows; row++)
        for (size_t column = m->columns; column < m->stride; column++)
            assert_true(isnan(*test_at(m, row, column)));
}
