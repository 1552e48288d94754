/*
 * Accuracy of the activations whose slope is found from x, in every table: values within LIMIT units in the
 * last place of the formulas in a wider type, where the result is denormal of the least number; slopes within
 * LIMIT units of max(1, |f'|). The formulas themselves are compared with values of 40 digits by
 * tests/engine/test_activation_values.c. `--worst` prints the largest errors.
 */
#include "kernel/table_checks.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernel/activation_rows.h"

enum { SAMPLES = 60000, ROOM = 512 };
static const double LIMIT = 4;
static bool prints_worst;

static bool is_tested(const activation_row *row)
{
    return row->value != NULL && !row->is_fused;
}

/* The distance from |value| to the next larger number. */
static double unit_of(double value)
{
    const double least = TEST_LEAST_NORMAL;
    int exponent;
    frexp(fmax(fabs(value), least), &exponent);
    return ldexp(TEST_EPSILON, exponent - 1);
}

/* -100 to 100, all magnitudes down to denormal numbers, where formulas change, and the neighbourhood of zeros
 * of f or f'. */
static bp_real draw_x(size_t i)
{
    static const double edges[] = {0, 1, 0.25, 13, 14.5, 38.6, 87.33654, 88.72, 92, 104.5, 708.4, 746};
    static const double zeros[] = {0.83255461115769776, 1.5707963267948966, 3.1415926535897932,
                                   98.960168588078490};
    const double sign = test_below(&test_stream, 2) == 0 ? 1 : -1;
    switch (i % 5) {
    case 4:
        return (bp_real)(sign * zeros[test_below(&test_stream, 4)] *
                         (1 + test_uniform(&test_stream, -1, 1) *
                                  pow(2, test_uniform(&test_stream, log2(TEST_EPSILON), 0))));
    case 0:
        return (bp_real)(sign * pow(2, test_uniform(&test_stream, log2(TEST_LEAST_NORMAL) - 20, 10)));
    case 1:
        return (bp_real)(sign * edges[test_below(&test_stream, 12)] *
                         (1 + test_uniform(&test_stream, -50, 50) * TEST_EPSILON));
    case 2:
        return (bp_real)test_uniform(&test_stream, -5, 5);
    default:
        return (bp_real)test_uniform(&test_stream, -100, 100);
    }
}

typedef struct worst_case {
    double units, at;
} worst_case;

static void note(worst_case *worst, wide_real got, wide_real wanted, double unit, bp_real x)
{
    const double units = (double)fabsl((long double)(got - wanted)) / unit;
    if (!(units <= worst->units))
        *worst = (worst_case){units, (double)x};
}

static void assert_within_limit(const char *what, const activation_row *row, const worst_case *worst)
{
    if (prints_worst)
        printf("%-12s %-20s %-6s %.3f units at %.9g\n", test_kernel->name, row->name, what, worst->units,
               worst->at);
    else if (!(worst->units <= LIMIT))
        fail_msg("%s: the %s of %s is %.3f units off at %.17g", test_kernel->name, what, row->name,
                 worst->units, worst->at);
}

static void check_row(const activation_row *row, const double *parameter)
{
    worst_case values = {0, 0}, slopes = {0, 0};
    bp_real x[ROOM], y[ROOM], slope[ROOM];
    for (size_t i = 0; i < SAMPLES; i += ROOM) {
        for (size_t j = 0; j < ROOM; j++) {
            x[j] = draw_x(i + j);
            slope[j] = 1;
        }
        test_kernel->find_values(row->kind, parameter, x, y, ROOM);
        if (row->slope != NULL)
            test_kernel->multiply_slope_at(row->kind, parameter, x, slope, ROOM);
        for (size_t j = 0; j < ROOM; j++) {
            const wide_real value = row->value(x[j], parameter);
            note(&values, y[j], value, unit_of((double)value), x[j]);
            if (row->slope == NULL)
                continue;
            const wide_real wanted = row->slope(x[j], parameter);
            note(&slopes, slope[j], wanted, unit_of(fmax(1, fabs((double)wanted))), x[j]);
        }
    }
    assert_within_limit("value", row, &values);
    assert_within_limit("slope", row, &slopes);
}

static void for_each_row(void (*check)(const activation_row *row, const double *parameter))
{
    size_t count;
    const activation_row *rows = bpi_activation_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const double usual[] = {rows[i].parameter[0].usual, rows[i].parameter[1].usual};
        const double others[] = {0.3, 0.7}, steep[] = {37.7, 0}, steepest[] = {1000, 0}, flat[] = {0.001, 0};
        if (!is_tested(&rows[i]))
            continue;
        check(&rows[i], usual);
        if (rows[i].parameter[0].name == NULL)
            continue;
        check(&rows[i], others);
        if (strcmp(rows[i].parameter[0].name, "steepness") == 0) {
            check(&rows[i], steep);
            check(&rows[i], steepest);
            check(&rows[i], flat);
        }
    }
}

static void check_accuracy(void)
{
    for_each_row(check_row);
}

/* ------------------------------------------------------------- arrays, NaN, traps */

/* Every length and alignment; a value's bits depend on x alone; y may be x; nothing else is written. */
static void check_lengths_of(const activation_row *row, const double *parameter)
{
    bp_real x[ROOM], y[ROOM], again[ROOM], delta[ROOM];
    for (size_t i = 0; i < ROOM; i++) {
        x[i] = draw_x(i);
        delta[i] = 3;
    }
    test_kernel->find_values(row->kind, parameter, x, y, ROOM);
    if (row->slope != NULL)
        test_kernel->multiply_slope_at(row->kind, parameter, x, delta, ROOM);
    for (size_t count = 1; count < 70; count++) {
        const size_t from = test_below(&test_stream, ROOM - 70);
        memcpy(again, x, sizeof x);
        test_kernel->find_values(row->kind, parameter, again + from, again + from, count);
        assert_memory_equal(again + from, y + from, count * sizeof *y);
        assert_memory_equal(again, x, from * sizeof *x);
        assert_memory_equal(again + from + count, x + from + count, (ROOM - from - count) * sizeof *x);
        if (row->slope == NULL)
            continue;
        for (size_t i = 0; i < ROOM; i++)
            again[i] = 3;
        test_kernel->multiply_slope_at(row->kind, parameter, x + from, again + from, count);
        assert_memory_equal(again + from, delta + from, count * sizeof *delta);
        assert_true(again[from + count] == 3 && (from == 0 || again[from - 1] == 3));
    }
}

static void check_lengths(void)
{
    for_each_row(check_lengths_of);
}

static void check_nan_of(const activation_row *row, const double *parameter)
{
    bp_real x[40], y[40];
    for (size_t i = 0; i < 40; i++)
        x[i] = i % 3 == 0 ? (bp_real)NAN : 1;
    test_kernel->find_values(row->kind, parameter, x, y, 40);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(isnan(y[i]) != 0, i % 3 == 0);
}

static void check_nan(void)
{
    for_each_row(check_nan_of);
}

/* The limits; where the formula in plain C is infinity times 0, it is NaN, and the limit is 0. */
static void check_infinities_of(const activation_row *row, const double *parameter)
{
    for (size_t i = 0; i < 2; i++) {
        bp_real x[40], y[40];
        const bp_real wanted = (bp_real)row->value(i == 0 ? INFINITY : -INFINITY, parameter);
        for (size_t j = 0; j < 40; j++)
            x[j] = (bp_real)(i == 0 ? INFINITY : -INFINITY);
        test_kernel->find_values(row->kind, parameter, x, y, 40);
        for (size_t j = 0; j < 40; j++)
            if (isnan(wanted) ? !isnan(y[j]) && y[j] != 0 : y[j] != wanted)
                fail_msg("%s: %s(%g) is %g, wanted %g", test_kernel->name, row->name, (double)x[0],
                         (double)y[j], (double)wanted);
    }
}

static void check_infinities(void)
{
    for_each_row(check_infinities_of);
}

/* Programs may trap them. All results are finite: where the range of f is not, steepness and slopes are at
 * most 1. */
static void check_exceptions_of(const activation_row *row, const double *parameter)
{
    if (parameter[0] > 1 && !(isfinite(row->low) && isfinite(row->high)))
        return;
    const double most = TEST_GREATEST,
                 sizes[] = {
                     0,         TEST_LEAST_NORMAL / 4, 1e-20, 0.6, 14, 40, 88.8, 1000, sqrt(most), most * 0.7,
                     most * 0.9};
    bp_real x[64], y[64];
    for (size_t trial = 0; trial < 200; trial++) {
        const size_t count = 1 + test_below(&test_stream, 64);
        for (size_t i = 0; i < count; i++) {
            const double size = sizes[test_below(&test_stream, sizeof sizes / sizeof sizes[0])];
            x[i] = (bp_real)(test_below(&test_stream, 2) ? size : -size);
            y[i] = 1;
        }
        feclearexcept(FE_ALL_EXCEPT);
        if (row->slope != NULL)
            test_kernel->multiply_slope_at(row->kind, parameter, x, y, count);
        test_kernel->find_values(row->kind, parameter, x, y, count);
        const int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
        feclearexcept(FE_ALL_EXCEPT);
        for (size_t i = 0; i < count; i++)
            assert_true(isfinite(y[i]));
        if (raised != 0)
            fail_msg("%s: %s raises%s%s%s", test_kernel->name, row->name,
                     raised & FE_INVALID ? " INVALID" : "", raised & FE_DIVBYZERO ? " DIVBYZERO" : "",
                     raised & FE_OVERFLOW ? " OVERFLOW" : "");
    }
}

static void check_exceptions(void)
{
    for_each_row(check_exceptions_of);
}

TEST_OF_TABLES(accuracy)
TEST_OF_TABLES(lengths)
TEST_OF_TABLES(nan)
TEST_OF_TABLES(infinities)
TEST_OF_TABLES(exceptions)

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy),   cmocka_unit_test(test_lengths),    cmocka_unit_test(test_nan),
        cmocka_unit_test(test_infinities), cmocka_unit_test(test_exceptions),
    };
    prints_worst = count > 1 && strcmp(arguments[1], "--worst") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
