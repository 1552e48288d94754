/* Slopes from differences: found where they can be, and not where they cannot. */
#include "support/support.h"

#include <math.h>

#include "base/real.h"
#include "check/difference.h"

static const double tolerance = TOLERANCE(5e-4, 2.5e-7);

/* f at `at`, seen by differences: arguments are rounded to bp_real, and values too if the flag is set. */
typedef struct subject {
    double (*f)(double x);
    double at;
    int rounds;
    size_t calls;
} subject;

static double value(void *context, double offset, double *moved)
{
    subject *s = context;
    bp_real x = (bp_real)((bp_real)s->at + (bp_real)offset);
    *moved = (double)x - (double)(bp_real)s->at;
    s->calls++;
    double y = s->f((double)x);
    return s->rounds ? (double)(bp_real)y : y;
}

static bool slope_of(subject *s, double scale, double *slope)
{
    double moved, center = value(s, 0, &moved);
    difference_curve curve = {
        .value = value, .context = s, .center = center, .unit = 1, .noise = BPI_REAL_EPSILON * fabs(center)};
    s->calls = 0;
    return bpi_difference(&curve, tolerance, scale, slope);
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double logistic_slope(double x)
{
    return logistic(x) * (1 - logistic(x));
}

static double cube(double x)
{
    return x * x * x;
}

static double cube_slope(double x)
{
    return 3 * x * x;
}

static double fast_wave(double x)
{
    return sin(40 * x);
}

static double fast_wave_slope(double x)
{
    return 40 * cos(40 * x);
}

static const struct {
    double (*f)(double), (*slope)(double);
} smooth[] = {
    {exp, exp}, {sin, cos}, {logistic, logistic_slope}, {cube, cube_slope}, {fast_wave, fast_wave_slope}};

enum { SMOOTH = sizeof smooth / sizeof smooth[0] };

static void test_smooth_functions(void **state)
{
    (void)state;
    uint64_t seed = 4;
    size_t found = 0;
    for (int i = 0; i < 2000; i++) {
        size_t which = test_below(&seed, SMOOTH);
        subject s = {.f = smooth[which].f, .at = test_uniform(&seed, -2, 2), .rounds = i % 2};
        double scale = smooth[which].f == fast_wave ? 40 : 1, slope;
        double wanted = smooth[which].slope((double)(bp_real)s.at);
        if (!slope_of(&s, scale, &slope))
            continue;
        assert_true(fabs(slope - wanted) <= tolerance * fmax(scale, fabs(wanted)));
        found++;
    }
    assert_true(found > 1950);
}

/* ------------------------------------------------------------------ kinks and jumps */

static double kinked(double x)
{
    return x > 0.25 ? 3 * (x - 0.25) : x - 0.25;
}

static double jumping(double x)
{
    return x > 0.25 ? x + 0.01 : x;
}

/* Far enough from a kink the slope of the side is found; on it, none. Never a mixture. */
static void assert_sides(double (*f)(double), double left, double right)
{
    double slope;
    for (int exponent = 1; exponent < 60; exponent++) {
        double distance = ldexp(1, -exponent);
        subject above = {.f = f, .at = 0.25 + distance}, below = {.f = f, .at = 0.25 - distance};
        bool found_above = slope_of(&above, 1, &slope);
        if (found_above)
            assert_close(slope, right, TOLERANCE(1e-3, 1e-6));
        bool found_below = slope_of(&below, 1, &slope);
        if (found_below)
            assert_close(slope, left, TOLERANCE(1e-3, 1e-6));
        if (exponent <= TOLERANCE(9, 20))
            assert_true(found_above && found_below);
    }
    subject at = {.f = f, .at = 0.25};
    assert_false(slope_of(&at, 1, &slope));
}

static void test_kinks_and_jumps(void **state)
{
    (void)state;
    assert_sides(kinked, 1, 3);
    assert_sides(jumping, 1, 1);
}

/* Central differences alone see a slope of 0 here. */
static void test_even_kink(void **state)
{
    (void)state;
    subject s = {.f = fabs, .at = 0};
    double slope = 77;
    assert_false(slope_of(&s, 1, &slope));
    assert_true(slope == 77);
}

/* ----------------------------------------------------------------------- the ends */

static double constant(double x)
{
    (void)x;
    return 5;
}

static double tiny_slope(double x)
{
    return 1 + x * TOLERANCE(1e-9, 1e-18);
}

static double never(double x)
{
    return x == 0 ? 0 : (double)NAN;
}

static void test_slopes_below_rounding_noise_are_refused(void **state)
{
    (void)state;
    double slope = 77;
    subject noisy = {.f = tiny_slope, .at = 0.5, .rounds = 1}, flat = {.f = constant, .at = 0.5};
    assert_false(slope_of(&noisy, TOLERANCE(1e-9, 1e-18), &slope));
    assert_true(noisy.calls < 10 && slope == 77);
    /* Beside slopes of 1 it is known to be about 0. */
    assert_true(slope_of(&noisy, 1, &slope));
    assert_true(fabs(slope) <= tolerance);
    assert_true(slope_of(&flat, 0, &slope));
    assert_true(slope == 0);
}

static void test_no_value_no_slope(void **state)
{
    (void)state;
    double slope = 77;
    subject nan = {.f = never, .at = 0}, lost = {.f = sin, .at = 1e25};
    assert_false(slope_of(&nan, 1, &slope));
    assert_false(slope_of(&lost, 1, &slope)); /* a step of 1 changes nothing in such a number */
    assert_true(slope == 77);
}

/* A cubic is fitted exactly from the first steps on: three, and one more to confirm. */
static void test_no_more_calls_than_it_takes(void **state)
{
    (void)state;
    double slope;
    subject s = {.f = cube, .at = 0.5};
    assert_true(slope_of(&s, 1, &slope));
    assert_int_equal(s.calls, 8);
}

/* 3 x + x^2, seen at offsets that are off by more than rounding: to the right, half as far again. */
static double uneven(void *context, double offset, double *moved)
{
    const double *left = context;
    *moved = offset * (offset > 0 ? 1.5 : *left);
    return 3 * *moved + *moved * *moved;
}

static void test_what_counts_is_where_it_went(void **state)
{
    (void)state;
    double slope = 77, left = 1;
    difference_curve curve = {.value = uneven, .context = &left, .unit = 1};
    assert_true(bpi_difference(&curve, tolerance, 1, &slope));
    assert_close(slope, 3, 1e-9);
    left = 0; /* there is no way to the left */
    slope = 77;
    assert_false(bpi_difference(&curve, tolerance, 1, &slope));
    assert_true(slope == 77);
}

/* How far the offsets went. */
static double far_away(void *context, double offset, double *moved)
{
    double *greatest = context;
    *greatest = fmax(*greatest, fabs(offset));
    *moved = offset;
    return 0;
}

static void test_steps_stay_numbers(void **state)
{
    (void)state;
    double slope, greatest = 0;
    difference_curve curve = {.value = far_away, .context = &greatest, .unit = BPI_REAL_MAX};
    assert_true(bpi_difference(&curve, tolerance, 1, &slope));
    assert_true(greatest > 0.001 * BPI_REAL_MAX && greatest < 0.5 * BPI_REAL_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smooth_functions),
        cmocka_unit_test(test_kinks_and_jumps),
        cmocka_unit_test(test_even_kink),
        cmocka_unit_test(test_slopes_below_rounding_noise_are_refused),
        cmocka_unit_test(test_no_value_no_slope),
        cmocka_unit_test(test_no_more_calls_than_it_takes),
        cmocka_unit_test(test_what_counts_is_where_it_went),
        cmocka_unit_test(test_steps_stay_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
