/* Thresholds and limits: each fires exactly when it should. */
#include "train/stopping_example.h"

#include <math.h>

static void test_thresholds_of_the_training_error(void **state)
{
    (void)state;
    const stop_metrics epochs[] = {{.error = 2, .mean_error = 0.5, .max_abs_error = 0.9},
                                   {.error = 1, .mean_error = 0.25, .max_abs_error = 0.2},
                                   {.error = 0.5, .mean_error = 0.125, .max_abs_error = 0.1}};
    /* below is below: an error that equals the threshold does not fire */
    assert_int_equal(fires_after(bp_stop_error_below(1), epochs, 3), 3);
    assert_int_equal(fires_after(bp_stop_error_below(1.001), epochs, 3), 2);
    assert_int_equal(fires_after(bp_stop_error_below(0.5), epochs, 3), 0);
    assert_int_equal(fires_after(bp_stop_mean_error_below(0.25), epochs, 3), 3);
    assert_int_equal(fires_after(bp_stop_mean_error_below(1), epochs, 3), 1);
    /* within is within: a deviation that equals the tolerance fires */
    assert_int_equal(fires_after(bp_stop_within_tolerance(0.2), epochs, 3), 2);
    assert_int_equal(fires_after(bp_stop_within_tolerance(0.09), epochs, 3), 0);
}

static void test_errors_that_are_nan_fire_nothing(void **state)
{
    (void)state;
    const stop_metrics nan = {NAN, NAN, NAN, NAN, NAN, 1, 1, 0, 0};
    assert_int_equal(fires_after(bp_stop_error_below(1), &nan, 1), 0);
    assert_int_equal(fires_after(bp_stop_mean_error_below(1), &nan, 1), 0);
    assert_int_equal(fires_after(bp_stop_within_tolerance(1), &nan, 1), 0);
    assert_int_equal(fires_after(bp_stop_gradient_below(1), &nan, 1), 0);
}

static void test_gradient_below(void **state)
{
    (void)state;
    const stop_metrics epochs[] = {{.gradient_norm = 1}, {.gradient_norm = 0.1}, {.gradient_norm = 0.01}};
    assert_int_equal(fires_after(bp_stop_gradient_below(0.1), epochs, 3), 3);
    assert_int_equal(fires_after(bp_stop_gradient_below(0.11), epochs, 3), 2);
    assert_int_equal(fires_after(bp_stop_gradient_below(0.001), epochs, 3), 0);
}

static void test_limits(void **state)
{
    (void)state;
    const stop_metrics epochs[] = {{.epochs = 1, .updates = 4, .seconds = 0.5},
                                   {.epochs = 2, .updates = 8, .seconds = 1},
                                   {.epochs = 3, .updates = 12, .seconds = 1.5}};
    assert_int_equal(fires_after(bp_stop_epochs(1), epochs, 3), 1);
    assert_int_equal(fires_after(bp_stop_epochs(3), epochs, 3), 3);
    assert_int_equal(fires_after(bp_stop_epochs(4), epochs, 3), 0);
    assert_int_equal(fires_after(bp_stop_updates(8), epochs, 3), 2);
    assert_int_equal(fires_after(bp_stop_updates(9), epochs, 3), 3);
    assert_int_equal(fires_after(bp_stop_updates(UINT64_MAX), epochs, 3), 0);
    assert_int_equal(fires_after(bp_stop_seconds(1), epochs, 3), 2);
    assert_int_equal(fires_after(bp_stop_seconds(2), epochs, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thresholds_of_the_training_error),
        cmocka_unit_test(test_errors_that_are_nan_fire_nothing),
        cmocka_unit_test(test_gradient_below),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
