#include "kernel/table_checks.h"
#include "kernel/select.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const int32_t test_activations[TEST_ACTIVATIONS] = {
#define KIND(name, function, value) KERNEL_##name,
    KERNEL_ACTIVATION_LIST(KIND)
#undef KIND
        KERNEL_LINEAR};

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

static double logistic_value(double x)
{
    return (double)(1 / (1 + expl(-(long double)x)));
}

static double logistic_slope(double y)
{
    return y * (1 - y);
}

static double tanh_value(double x)
{
    return (double)tanhl((long double)x);
}

static double tanh_slope(double y)
{
    return 1 - y * y;
}

static double relu_value(double x)
{
    return x > 0 ? x : 0;
}

static double relu_slope(double y)
{
    return y > 0 ? 1 : 0;
}

double test_value_of(int32_t activation, double x)
{
    switch (activation) {
#define VALUE(name, function, value)                                                                         \
    case KERNEL_##name:                                                                                      \
        return function##_value(x);
        KERNEL_ACTIVATION_LIST(VALUE)
#undef VALUE
    default:
        return x;
    }
}

double test_slope_of(int32_t activation, double y)
{
    switch (activation) {
#define SLOPE(name, function, value)                                                                         \
    case KERNEL_##name:                                                                                      \
        return function##_slope(y);
        KERNEL_ACTIVATION_LIST(SLOPE)
#undef SLOPE
    default:
        return 1;
    }
}

/* ------------------------------------------------------------------- matrices */

enum { TAIL = 40 };

/* FNV-1a over all of the memory. */
static uint64_t checksum_of(const matrix *m)
{
    const size_t count = m->offset + (m->rows - 1) * m->stride + m->columns + m->tail;
    const unsigned char *bytes = (const unsigned char *)m->memory;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < count * sizeof *m->memory; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

matrix test_matrix(size_t rows, size_t columns, size_t gap, size_t offset)
{
    matrix m = {.rows = rows,
                .columns = columns,
                .stride = columns + gap,
                .offset = offset,
                .tail = test_below(&test_stream, 2) == 0 ? 0 : TAIL};
    size_t count = offset + (rows - 1) * m.stride + columns + m.tail;
    m.memory = malloc(count * sizeof *m.memory);
    assert_non_null(m.memory);
    memset(m.memory, 0xff, count * sizeof *m.memory);
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
    m.checksum = checksum_of(&m);
    return m;
}

matrix test_part_of(const matrix *from, size_t first, size_t rows)
{
    matrix m = test_matrix(rows, from->columns, test_below(&test_stream, 5), test_below(&test_stream, 20));
    for (size_t row = 0; row < rows; row++)
        memcpy(test_at(&m, row, 0), test_at(from, first + row, 0), from->columns * sizeof *m.values);
    m.checksum = checksum_of(&m);
    return m;
}

static void assert_guard(const bp_real *values, size_t count)
{
    const unsigned char *bytes = (const unsigned char *)values;
    for (size_t i = 0; i < count * sizeof *values; i++)
        if (bytes[i] != 0xff)
            fail_msg("%s: wrote outside of an array", test_kernel->name);
}

void test_assert_gaps_untouched(const matrix *m)
{
    assert_guard(m->memory, m->offset);
    for (size_t row = 0; row + 1 < m->rows; row++)
        assert_guard(test_at(m, row, m->columns), m->stride - m->columns);
    assert_guard(test_at(m, m->rows - 1, m->columns), m->tail);
}

void test_assert_unchanged(const matrix *m)
{
    if (checksum_of(m) != m->checksum)
        fail_msg("%s: wrote into an array that it is to read", test_kernel->name);
}

/* -------------------------------------------------------------------- on request */

static double seconds_of(const timed_row *row, const kernel_table *table, size_t calls)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t i = 0; i < calls; i++)
        row->call(table);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}

/* The shortest of several times of a call, each averaged over enough calls for the clock. */
static double seconds_per_call(const timed_row *row, const kernel_table *table)
{
    size_t calls = 1;
    double best = seconds_of(row, table, calls);
    for (; best < 2e-3; best = seconds_of(row, table, calls))
        calls *= 2;
    for (int i = 0; i < 10; i++)
        best = fmin(best, seconds_of(row, table, calls));
    return best / (double)calls;
}

bool test_time_if_asked(int argc, char **argv, const timed_row *rows, size_t count)
{
    if (argc < 2 || strcmp(argv[1], "--time") != 0)
        return false;
    size_t tables;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    printf("%-36s %-10s %12s %10s\n", "row", "table", "ns a call", "speed-up");
    for (size_t i = 0; i < count; i++) {
        const double reference = seconds_per_call(&rows[i], table[0]);
        for (size_t t = 0; t < tables; t++) {
            if (!table[t]->supported())
                continue;
            const double seconds = t == 0 ? reference : seconds_per_call(&rows[i], table[t]);
            printf("%-36s %-10s %12.1f %10.2f\n", rows[i].name, table[t]->name, 1e9 * seconds,
                   reference / seconds);
        }
    }
    return true;
}
