/* The functions of every kernel table that make one pass over arrays, against the formulas of kernel.h. */
#include "kernel/table_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_column_sums(void)
{
    for (int i = 0; i < 300; i++) {
        matrix a = test_random_matrix(1 + test_below(&test_stream, 40), 1 + test_below(&test_stream, 90));
        matrix before = test_random_matrix(1, a.columns), out = test_part_of(&before, 0, 1);
        bool accumulate = test_below(&test_stream, 2) == 1;
        for (size_t j = 0; !accumulate && j < a.columns; j++)
            out.values[j] = (bp_real)NAN;
        test_kernel->column_sums(a.rows, a.columns, a.values, a.stride, out.values, accumulate);
        for (size_t j = 0; j < a.columns; j++) {
            double sum = accumulate ? (double)before.values[j] : 0;
            for (size_t row = 0; row < a.rows; row++)
                sum += (double)*test_at(&a, row, j);
            assert_near(out.values[j], sum, TEST_EPSILON * (double)((a.rows + 1) * (a.rows + 1)));
        }
        test_assert_gaps_untouched(&out);
        test_assert_unchanged(&a);
        free(a.memory);
        free(before.memory);
        free(out.memory);
    }
}

/* ------------------------------------------------------------- activations and slopes */

/* A row of values from tiny to saturating. */
static matrix total_inputs(size_t count)
{
    matrix x = test_matrix(1, count, 0, test_below(&test_stream, 20));
    for (size_t i = 0; i < count; i++) {
        double size = pow(10, test_uniform(&test_stream, -9, 2.2));
        x.values[i] = (bp_real)(test_below(&test_stream, 2) == 0 ? size : -size);
    }
    return x;
}

static void check_outputs(void)
{
    for (size_t f = 0; f < TEST_ACTIVATIONS; f++)
        for (size_t count = 1; count < 200; count += count < 70 ? 1 : 43) {
            matrix x = total_inputs(count), y = test_part_of(&x, 0, 1), in_place = test_part_of(&x, 0, 1);
            test_kernel->activate(test_activations[f], x.values, y.values, count);
            test_kernel->activate(test_activations[f], in_place.values, in_place.values, count);
            assert_memory_equal(in_place.values, y.values, count * sizeof(bp_real));
            for (size_t i = 0; i < count; i++) {
                double wanted = test_value_of(test_activations[f], (double)x.values[i]);
                assert_near(y.values[i], wanted, 3 * TEST_EPSILON * fabs(wanted) + TEST_LEAST_NORMAL);
            }
            test_assert_gaps_untouched(&y);
            free(x.memory);
            free(y.memory);
            free(in_place.memory);
        }
}

static void check_extremes(void)
{
    const bp_real x[] = {0,
                         (bp_real)-0.0,
                         1e4,
                         -1e4,
                         (bp_real)TEST_GREATEST,
                         -(bp_real)TEST_GREATEST,
                         (bp_real)INFINITY,
                         -(bp_real)INFINITY};
    enum { COUNT = sizeof x / sizeof x[0] };
    static const double wanted[][COUNT] = {{0.5, 0.5, 1, 0, 1, 0, 1, 0}, {0, 0, 1, -1, 1, -1, 1, -1}};
    bp_real y[COUNT];
    for (size_t f = 0; f < 2; f++) {
        test_kernel->activate(f == 0 ? KERNEL_LOGISTIC : KERNEL_TANH, x, y, COUNT);
        for (size_t i = 0; i < COUNT; i++)
            assert_near(y[i], wanted[f][i], 0);
    }
    test_kernel->activate(KERNEL_RELU, x, y, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(y[i] == (x[i] > 0 ? x[i] : 0));
    for (size_t f = 0; f < TEST_ACTIVATIONS; f++) {
        const bp_real none = (bp_real)NAN;
        test_kernel->activate(test_activations[f], &none, y, 1);
        assert_true(isnan(y[0]));
    }
}

static void check_slopes(void)
{
    for (size_t f = 0; f < TEST_ACTIVATIONS; f++)
        for (size_t count = 1; count < 70; count++) {
            matrix y = test_random_matrix(1, count), before = test_random_matrix(1, count);
            y.values[test_below(&test_stream, count)] = 0;
            matrix delta = test_part_of(&before, 0, 1);
            test_kernel->multiply_slope(test_activations[f], y.values, delta.values, count);
            for (size_t i = 0; i < count; i++) {
                double slope = test_slope_of(test_activations[f], (double)y.values[i]);
                assert_near(delta.values[i], (double)before.values[i] * slope, 3 * TEST_EPSILON);
            }
            test_assert_gaps_untouched(&delta);
            test_assert_gaps_untouched(&y);
            free(y.memory);
            free(before.memory);
            free(delta.memory);
        }
}

/* The result for a value does not depend on how many values come before and after it. */
static void check_places_do_not_matter(void)
{
    enum { ALL = 131 };
    for (size_t f = 0; f < TEST_ACTIVATIONS; f++) {
        matrix x = total_inputs(ALL), deltas = test_random_matrix(1, ALL);
        matrix y = test_part_of(&x, 0, 1), sloped = test_part_of(&deltas, 0, 1);
        test_kernel->activate(test_activations[f], x.values, y.values, ALL);
        test_kernel->multiply_slope(test_activations[f], y.values, sloped.values, ALL);
        for (int i = 0; i < 200; i++) {
            size_t first = test_below(&test_stream, ALL), count = 1 + test_below(&test_stream, ALL - first);
            bp_real some[ALL];
            test_kernel->activate(test_activations[f], x.values + first, some, count);
            assert_memory_equal(some, y.values + first, count * sizeof *some);
            memcpy(some, deltas.values + first, count * sizeof *some);
            test_kernel->multiply_slope(test_activations[f], y.values + first, some, count);
            assert_memory_equal(some, sloped.values + first, count * sizeof *some);
        }
        free(x.memory);
        free(deltas.memory);
        free(y.memory);
        free(sloped.memory);
    }
}

/* y = softmax(x), one row. */
static void assert_softmax(const bp_real *x, const bp_real *y, size_t count)
{
    long double sum = 0, greatest = -INFINITY;
    for (size_t i = 0; i < count; i++)
        greatest = fmaxl(greatest, (long double)x[i]);
    for (size_t i = 0; i < count; i++)
        sum += expl((long double)x[i] - greatest);
    for (size_t i = 0; i < count; i++) {
        /* x - max is rounded; that absolute error becomes a relative error of the exponential. */
        long double distance = greatest - (long double)x[i], wanted = expl(-distance) / sum;
        double bound = TEST_EPSILON * ((double)count + 4 + (double)distance);
        assert_near(y[i], wanted, bound * (double)wanted + TEST_LEAST_NORMAL);
    }
}

static void check_softmax_of(const matrix *x)
{
    size_t count = x->columns;
    matrix y = test_part_of(x, 0, 1), in_place = test_part_of(x, 0, 1);
    test_kernel->softmax(x->values, y.values, 1, count);
    test_kernel->softmax(in_place.values, in_place.values, 1, count);
    assert_memory_equal(in_place.values, y.values, count * sizeof(bp_real));
    assert_softmax(x->values, y.values, count);
    test_assert_gaps_untouched(&y);
    free(y.memory);
    free(in_place.memory);
}

static void check_softmax(void)
{
    for (size_t count = 1; count < 70; count++) {
        matrix x = test_random_matrix(1, count);
        check_softmax_of(&x);
        for (size_t i = 0; i < count; i++)
            x.values[i] = x.values[i] * 30 - 1000; /* exp of any of these would be 0 */
        check_softmax_of(&x);
        x.values[test_below(&test_stream, count)] = (bp_real)1e30;
        check_softmax_of(&x);
        free(x.memory);
    }
}

/* Several dense rows; two or more of them have the same bits as part of a larger call. */
static void check_softmax_of_rows(void)
{
    for (int i = 0; i < 200; i++) {
        const size_t rows = 2 + test_below(&test_stream, 40), count = 1 + test_below(&test_stream, 70);
        matrix x = test_matrix(rows, count, 0, test_below(&test_stream, 20));
        for (size_t j = 0; j < rows * count; j++)
            x.values[j] = (bp_real)test_uniform(&test_stream, -8, 8);
        matrix y = test_matrix(rows, count, 0, test_below(&test_stream, 20));
        test_kernel->softmax(x.values, y.values, rows, count);
        test_assert_gaps_untouched(&y);
        for (size_t row = 0; row < rows; row++)
            assert_softmax(test_at(&x, row, 0), test_at(&y, row, 0), count);
        const size_t some = 2 + test_below(&test_stream, rows - 1),
                     first = test_below(&test_stream, rows - some + 1);
        matrix part = test_matrix(some, count, 0, test_below(&test_stream, 20));
        test_kernel->softmax(test_at(&x, first, 0), part.values, some, count);
        assert_memory_equal(test_at(&y, first, 0), part.values, some * count * sizeof(bp_real));
        test_assert_gaps_untouched(&part);
        test_kernel->softmax(x.values, x.values, rows, count);
        assert_memory_equal(x.values, y.values, rows * count * sizeof(bp_real));
        test_assert_gaps_untouched(&x);
        free(x.memory);
        free(y.memory);
        free(part.memory);
    }
}

/* -------------------------------------------------------------- whole vectors */

/* [RHW86] eq. 9, then weight decay. */
static void check_momentum(void)
{
    const bp_real rate = (bp_real)0.1, momentum = (bp_real)0.9, decay_factor = (bp_real)0.998;
    for (size_t count = 1; count < 70; count++) {
        matrix weights = test_random_matrix(1, count), gradient = test_random_matrix(1, count),
               last_update = test_random_matrix(1, count);
        matrix old_weights = test_part_of(&weights, 0, 1), old_update = test_part_of(&last_update, 0, 1);
        test_kernel->momentum_update(weights.values, gradient.values, last_update.values, count, rate,
                                     momentum, decay_factor);
        for (size_t i = 0; i < count; i++) {
            double wanted =
                (double)momentum * (double)old_update.values[i] - (double)rate * (double)gradient.values[i];
            assert_near(last_update.values[i], wanted, 2 * TEST_EPSILON);
            wanted = ((double)old_weights.values[i] + wanted) * (double)decay_factor;
            assert_near(weights.values[i], wanted, 4 * TEST_EPSILON);
        }
        test_assert_gaps_untouched(&weights);
        test_assert_gaps_untouched(&last_update);
        test_assert_unchanged(&gradient);
        free(weights.memory);
        free(gradient.memory);
        free(last_update.memory);
        free(old_weights.memory);
        free(old_update.memory);
    }
}

static void check_multiply_all(void)
{
    const bp_real factor = (bp_real)1 / 3;
    for (size_t count = 1; count < 70; count++) {
        matrix values = test_random_matrix(1, count), old = test_part_of(&values, 0, 1);
        test_kernel->multiply_all(values.values, count, factor);
        for (size_t i = 0; i < count; i++) {
            const bp_real product = old.values[i] * factor;
            assert_memory_equal(&values.values[i], &product, sizeof product);
        }
        test_assert_gaps_untouched(&values);
        free(values.memory);
        free(old.memory);
    }
}

static void check_all_finite(void)
{
    const bp_real bad[] = {(bp_real)NAN, (bp_real)INFINITY, -(bp_real)INFINITY};
    const bp_real good[] = {0, (bp_real)-0.0, (bp_real)TEST_GREATEST, -(bp_real)TEST_GREATEST,
                            (bp_real)(TEST_LEAST_NORMAL / 4)};
    for (size_t count = 1; count < 70; count++) {
        matrix values = test_random_matrix(1, count);
        for (size_t i = 0; i < count; i++)
            values.values[i] = good[test_below(&test_stream, 5)];
        assert_true(test_kernel->all_finite(values.values, count));
        for (size_t i = 0; i < count; i++) {
            bp_real kept = values.values[i];
            values.values[i] = bad[(count + i) % 3];
            assert_false(test_kernel->all_finite(values.values, count));
            values.values[i] = kept;
        }
        free(values.memory);
    }
}

static void check_sum_of_squares(void)
{
    for (size_t count = 1; count < 70; count++) {
        matrix values = test_random_matrix(1, count);
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += (double)values.values[i] * (double)values.values[i];
        assert_near(test_kernel->sum_of_squares(values.values, count), sum,
                    (double)count * DBL_EPSILON * sum);
        test_assert_unchanged(&values);
        free(values.memory);
    }
#ifndef BP_DOUBLE
    const bp_real large[] = {1e30f, 1e30f, 1e30f}; /* its square is too large for float */
    assert_near(test_kernel->sum_of_squares(large, 3), 3 * (double)1e30f * (double)1e30f, 1e46);
#endif
}

/* ---------------------------------------------------------------------- on request */

static bp_real timed[64 * 128], timed_out[64 * 128], timed_weights[1024]; /* zeros */

static void time_column_sums_64_x_128(const kernel_table *table)
{
    table->column_sums(64, 128, timed, 128, timed_out, false);
}

static void time_activate_logistic_1024(const kernel_table *table)
{
    table->activate(KERNEL_LOGISTIC, timed, timed_out, 1024);
}

static void time_activate_tanh_1024(const kernel_table *table)
{
    table->activate(KERNEL_TANH, timed, timed_out, 1024);
}

static void time_activate_relu_1024(const kernel_table *table)
{
    table->activate(KERNEL_RELU, timed, timed_out, 1024);
}

static void time_multiply_slope_logistic_1024(const kernel_table *table)
{
    table->multiply_slope(KERNEL_LOGISTIC, timed, timed_out, 1024);
}

static void time_softmax_64_x_10(const kernel_table *table)
{
    table->softmax(timed, timed_out, 64, 10);
}

static void time_momentum_update_1024(const kernel_table *table)
{
    table->momentum_update(timed_weights, timed, timed_out, 1024, (bp_real)0.1, (bp_real)0.9, 1);
}

static void time_all_finite_1024(const kernel_table *table)
{
    (void)table->all_finite(timed, 1024);
}

static void time_sum_of_squares_1024(const kernel_table *table)
{
    (void)table->sum_of_squares(timed, 1024);
}

static const timed_row timed_rows[] = {
    {"column_sums 64 x 128", time_column_sums_64_x_128},
    {"activate logistic 1024", time_activate_logistic_1024},
    {"activate tanh 1024", time_activate_tanh_1024},
    {"activate relu 1024", time_activate_relu_1024},
    {"multiply_slope logistic 1024", time_multiply_slope_logistic_1024},
    {"softmax 64 x 10", time_softmax_64_x_10},
    {"momentum_update 1024", time_momentum_update_1024},
    {"all_finite 1024", time_all_finite_1024},
    {"sum_of_squares 1024", time_sum_of_squares_1024},
};

TEST_OF_TABLES(column_sums)
TEST_OF_TABLES(outputs)
TEST_OF_TABLES(extremes)
TEST_OF_TABLES(slopes)
TEST_OF_TABLES(places_do_not_matter)
TEST_OF_TABLES(softmax)
TEST_OF_TABLES(softmax_of_rows)
TEST_OF_TABLES(momentum)
TEST_OF_TABLES(multiply_all)
TEST_OF_TABLES(all_finite)
TEST_OF_TABLES(sum_of_squares)

int main(int argc, char **argv)
{
    if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_column_sums),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_places_do_not_matter),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_of_rows),
        cmocka_unit_test(test_momentum),
        cmocka_unit_test(test_multiply_all),
        cmocka_unit_test(test_all_finite),
        cmocka_unit_test(test_sum_of_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
