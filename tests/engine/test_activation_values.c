/* Activations against recorded values: data/activations.txt, which mpmath made, data/torch_activations.txt,
 * from PyTorch, and data/fann_activations.txt, from FANN. What their lines mean is said by the programs
 * beside them. */
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/activation.h"
#include "kernel/select.h"
#include "network/activation_kind.h"

static const double LIMIT = 4;

typedef struct recorded {
    char name[32];
    double parameter[2];
    bp_real x;
    long double y, slope; /* slope NaN: not recorded */
} recorded;

static bool read_line(FILE *file, recorded *r)
{
    char numbers[5][64];
    if (fscanf(file, "%31s %63s %63s %63s %63s %63s", r->name, numbers[0], numbers[1], numbers[2], numbers[3],
               numbers[4]) != 6)
        return false;
    r->parameter[0] = strtod(numbers[0], NULL);
    r->parameter[1] = strtod(numbers[1], NULL);
    r->x = (bp_real)strtod(numbers[2], NULL);
    r->y = strtold(numbers[3], NULL);
    r->slope = strcmp(numbers[4], "-") == 0 ? NAN : strtold(numbers[4], NULL);
    return true;
}

/* The distance from |value| to the next larger number. */
static long double unit_of(long double value)
{
    int exponent;
    frexpl(fmaxl(fabsl(value), TOLERANCE((long double)FLT_MIN, DBL_MIN)), &exponent);
    return ldexpl(TOLERANCE((long double)FLT_EPSILON, DBL_EPSILON), exponent - 1);
}

/* The vector kernels of fused activations flush results that are not normal numbers to 0. */
static long double allowed(const bp_activation *activation, long double value)
{
    const long double least = TOLERANCE((long double)FLT_MIN, DBL_MIN);
    if (bpi_activation_is_fused(activation) && fabsl(value) < least)
        return least;
    return LIMIT * unit_of(value);
}

/* Of many x at once, so that they go through whole vectors, and by itself. */
static void assert_values(const kernel_table *kernel, const bp_activation *activation, const recorded *r)
{
    bp_real x[40], y[40], slope[40], unused[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = r->x;
        slope[i] = 1;
    }
    bpi_activation_forward(kernel, activation, 1, 39, x, y);
    if (!isnan(r->slope))
        bpi_activation_backward(kernel, activation, 1, 39, x, y, slope, unused);
    for (size_t i = 0; i < 39; i++) {
        if (!(fabsl((long double)y[i] - r->y) <= allowed(activation, r->y)))
            fail_msg("%s: %s(%.9g) is %.17g, wanted %.22Lg", kernel->name, r->name, (double)r->x,
                     (double)y[i], r->y);
        if (!isnan(r->slope) &&
            !(fabsl((long double)slope[i] - r->slope) <= LIMIT * unit_of(fmaxl(1, fabsl(r->slope)))))
            fail_msg("%s: the slope of %s at %.9g is %.17g, wanted %.22Lg", kernel->name, r->name,
                     (double)r->x, (double)slope[i], r->slope);
    }
}

static void test_values_and_slopes(void **state)
{
    (void)state;
    size_t tables, lines = 0, seen = 0;
    const kernel_table *const *table = bpi_kernel_tables(&tables);
    FILE *file = fopen("data/activations.txt", "r");
    assert_non_null(file);
    char last[32] = "";
    for (recorded r; read_line(file, &r); lines++) {
        bp_activation activation;
        assert_true(bpi_activation_by_name(&activation, r.name));
        memcpy(activation.parameter, r.parameter, sizeof r.parameter);
        assert_ok(bpi_check_activation_of("f", "here", &activation));
        for (size_t i = 0; i < tables; i++)
            if (table[i]->supported())
                assert_values(table[i], &activation, &r);
        seen += strcmp(last, r.name) != 0;
        strcpy(last, r.name);
    }
    fclose(file);
    assert_true(lines > 1000);
    assert_int_equal(seen, bp_activation_count() - 1); /* softmax is no function of a unit */
}

/* PyTorch computes in double, so that its rounding is that of sums whose terms are about 1. */
static void test_values_of_pytorch(void **state)
{
    (void)state;
    const double near = TOLERANCE(1e-6, 1e-14);
    FILE *file = fopen("data/torch_activations.txt", "r");
    assert_non_null(file);
    size_t lines = 0;
    for (recorded r; read_line(file, &r); lines++) {
        bp_real y, slope;
        bp_activation activation;
        assert_true(bpi_activation_by_name(&activation, r.name));
        memcpy(activation.parameter, r.parameter, sizeof r.parameter);
        assert_ok(bp_activation_evaluate(&activation, &r.x, &y, &slope, 1));
        if (!(fabsl((long double)y - r.y) <= near * fmaxl(1, fabsl(r.y))) ||
            !(fabsl((long double)slope - r.slope) <= near * fmaxl(1, fabsl(r.slope))))
            fail_msg("%s at %.9g: PyTorch %.9Lg, slope %.9Lg; we %.9g, %.9g", r.name, (double)r.x, r.y,
                     r.slope, (double)y, (double)slope);
    }
    fclose(file);
    assert_int_equal(lines, 18 * 32);
}

/* FANN computes in single precision: its functions of z = s x, which it rounds. */
static void test_values_of_fann(void **state)
{
    (void)state;
    FILE *file = fopen("data/fann_activations.txt", "r");
    assert_non_null(file);
    size_t lines = 0;
    char name[32], theirs[48];
    double parameter, steepness, x, wanted;
    for (; fscanf(file, "%31s %lf %47s %lf %lf %lf", name, &parameter, theirs, &steepness, &x, &wanted) == 6;
         lines++) {
        const bp_real input = (bp_real)x;
        bp_real y;
        bp_activation activation;
        if (fabs(steepness * x) > 150 / steepness) /* there FANN clips z, to this bound */
            continue;
        assert_ok(bp_activation_by_name(&activation, name, &parameter, parameter == 0 ? 0 : 1));
        assert_ok(bp_activation_evaluate(&activation, &input, &y, NULL, 1));
        if (!(fabs((double)y - wanted) <= 4 * (double)FLT_EPSILON * fmax(fabs(wanted), 1)))
            fail_msg("%s with steepness %g at %g: FANN %.9g, we %.9g", theirs, steepness, x, wanted,
                     (double)y);
    }
    fclose(file);
    assert_int_equal(lines, 15 * 3 * 14);
}

/* NaN gives NaN, so that divergence shows, and a finite x a finite y. */
static void test_nan_and_large_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < bp_activation_count(); i++) {
        const bp_activation activation = bp_activation_at(i);
        const bp_real x[] = {NAN, TOLERANCE(1e38F, 1e308), TOLERANCE(-1e38F, -1e308)};
        bp_real y[3];
        if (activation.kind == ACTIVATION_SOFTMAX)
            continue;
        assert_ok(bp_activation_evaluate(&activation, x, y, NULL, 3));
        assert_true(isnan(y[0]) && isfinite(y[1]) && isfinite(y[2]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_slopes),
        cmocka_unit_test(test_nan_and_large_numbers),
        cmocka_unit_test(test_values_of_pytorch),
        cmocka_unit_test(test_values_of_fann),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
