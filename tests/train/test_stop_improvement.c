/* Rules that wait for an improvement fire exactly when they should. */
#include "train/stopping_example.h"

#include <math.h>

static void test_early_stopping_waits_for_its_patience(void **state)
{
    (void)state;
    const double errors[] = {5, 4, 4, 4.5, 3, 3.5, 3, 3.1, 2};
    assert_int_equal(fires_after_validation(bp_stop_early(1, 0), errors, COUNT(errors)), 3);
    assert_int_equal(fires_after_validation(bp_stop_early(2, 0), errors, COUNT(errors)), 4);
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0), errors, COUNT(errors)), 8);
    assert_int_equal(fires_after_validation(bp_stop_early(4, 0), errors, COUNT(errors)), 0);
}

static void test_small_improvements_add_up(void **state)
{
    (void)state;
    /* Each epoch improves by 4 %; three of them are more than 10 % since the last improvement. */
    const double steady[] = {1, 0.96, 0.92, 0.88, 0.84, 0.80, 0.76};
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0.10), steady, 7), 0);
    assert_int_equal(fires_after_validation(bp_stop_early(2, 0.10), steady, 7), 3);
    /* an improvement of exactly the minimum does not count */
    const double exact[] = {1, 0.75, 0.5};
    assert_int_equal(fires_after_validation(bp_stop_early(1, 0.25), exact, 3), 2);
    assert_int_equal(fires_after_validation(bp_stop_early(1, 0.249), exact, 3), 0);
}

static void test_a_validation_error_that_is_nan_is_no_best(void **state)
{
    (void)state;
    const double errors[] = {NAN, NAN, 0.75, 0.56, 0.42, 0.5, 0.6, 0.7};
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0), errors, 7), 0);
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0), errors, 8), 8);
}

static void test_validation_error_of_0_or_infinity(void **state)
{
    (void)state;
    const double zero[] = {0, 0, 0, 0};
    assert_int_equal(fires_after_validation(bp_stop_early(2, 0.01), zero, 4), 3);
    const double infinite[] = {INFINITY, INFINITY, INFINITY, 1, 0.5, 0.5, 0.5};
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0), infinite, 7), 0);
    assert_int_equal(fires_after_validation(bp_stop_early(2, 0), infinite, 7), 3);
}

static void test_diminishing_returns_looks_over_its_window(void **state)
{
    (void)state;
    const double errors[] = {8, 4, 2, 1.5, 1.4, 1.39, 1.38};
    /* falls over one epoch: 1/2, 1/2, 1/4, 1/15, 1/140, 1/139 */
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.6), errors, 7), 2);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.5), errors, 7), 4);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.1), errors, 7), 5);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.001), errors, 7), 0);
    /* over three: 8 to 1.5 is 0.8125, 4 to 1.4 is 0.65, 2 to 1.39 is 0.305, 1.5 to 1.38 is 0.08 */
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(3, 0.82), errors, 7), 4);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(3, 0.7), errors, 7), 5);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(3, 0.31), errors, 7), 6);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(3, 0.09), errors, 7), 7);
    /* not before the window is full */
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(6, 0.999), errors, 7), 7);
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(7, 0.999), errors, 7), 0);
}

/* Where errors below 1 count as 1, a fall by 0.25 is one of a quarter. */
static void test_errors_that_are_negligible(void **state)
{
    (void)state;
    stop_metrics epochs[] = {{.mean_error = 8}, {.mean_error = 0.5}, {.mean_error = 0.25}, {.mean_error = 0}};
    assert_int_equal(fires_after(bp_stop_diminishing_returns(1, 0.3), epochs, 4), 0);
    for (size_t i = 0; i < 4; i++)
        epochs[i].negligible_error = 1;
    assert_int_equal(fires_after(bp_stop_diminishing_returns(1, 0.3), epochs, 4), 3);
    assert_int_equal(fires_after(bp_stop_diminishing_returns(1, 0.2), epochs, 4), 0);
}

static void test_a_rising_error_and_an_error_of_0_are_no_improvement(void **state)
{
    (void)state;
    const double rising[] = {1, 2, 3};
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 1e-9), rising, 3), 2);
    const double zero[] = {1, 0, 0};
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.5), zero, 3), 3);
}

/* ---------------------------------------------------------------- a moving average */

static void test_patience_is_judged_by_the_mean(void **state)
{
    (void)state;
    /* Means of two: 6, 5, 4, 4, 5, 3.5, 3, 4, 5. The lowest error, 1, makes only one of them lower. */
    const double errors[] = {8, 4, 6, 2, 6, 4, 3, 3, 5, 5};
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(1, 0, 2), errors, 10), 5);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(2, 0, 2), errors, 10), 6);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(3, 0, 2), errors, 10), 0);
    /* Single errors last improve in epoch 4. */
    assert_int_equal(fires_after_validation(bp_stop_early(3, 0), errors, 10), 7);
    /* Improvements by more than a fifth: 4 from 6, 3 from 4; 5 and 3.5 are none. */
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(2, 0.2, 2), errors, 10), 6);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(3, 0.2, 2), errors, 10), 7);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(4, 0.2, 2), errors, 10), 0);
    /* No mean, no judgement, before the window is full. */
    const double rising[] = {1, 2, 3, 4, 5, 6};
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(1, 0, 4), rising, 6), 5);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(2, 0, 4), rising, 6), 6);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(1, 0, 6), rising, 6), 0);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(1, 0, 7), rising, 6), 0);
}

/* It outlasts a low error by chance, which ends early stopping. */
static void test_one_low_error_by_chance(void **state)
{
    (void)state;
    const double errors[] = {8, 8, 1, 7, 7, 6, 6, 5, 5, 4, 4, 3};
    assert_int_equal(fires_after_validation(bp_stop_early(5, 0), errors, 12), 8);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(5, 0, 4), errors, 12), 0);
}

static void test_means_of_nan_and_infinity(void **state)
{
    (void)state;
    const double errors[] = {NAN, 3, 2, 1, INFINITY, 1, 1, 1};
    /* Means of two: NaN, 2.5, 1.5, infinity, infinity, 1, 1 */
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(2, 0, 2), errors, 8), 6);
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(3, 0, 2), errors, 8), 0);
    const double nan[] = {NAN, NAN, NAN, NAN};
    assert_int_equal(fires_after_validation(bp_stop_early_averaged(1, 0, 2), nan, 4), 0);
}

/* A window of 1 is early stopping; others are the oracle's loops over the whole course. */
static void test_random_courses_against_the_oracle(void **state)
{
    (void)state;
    uint64_t random = 17;
    size_t ended = 0;
    for (int i = 0; i < 2000; i++) {
        double errors[60];
        for (size_t t = 0; t < 60; t++)
            errors[t] = test_uniform(&random, 1, 2) + 20 / (1. + (double)t);
        const size_t patience = 1 + test_below(&random, 8), window = 1 + test_below(&random, 9);
        const double fraction = test_below(&random, 2) ? test_uniform(&random, 0, 0.1) : 0;
        const bp_stop_rule early = bp_stop_early(patience, fraction),
                           one = bp_stop_early_averaged(patience, fraction, 1),
                           more = bp_stop_early_averaged(patience, fraction, window);
        const size_t wanted = oracle_end(&more, NULL, errors, 60);
        assert_int_equal(fires_after_validation(more, errors, 60), wanted);
        assert_int_equal(fires_after_validation(one, errors, 60), oracle_end(&early, NULL, errors, 60));
        assert_int_equal(fires_after_validation(one, errors, 60), fires_after_validation(early, errors, 60));
        ended += wanted != 0;
    }
    assert_in_range(ended, 200, 1999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_early_stopping_waits_for_its_patience),
        cmocka_unit_test(test_small_improvements_add_up),
        cmocka_unit_test(test_a_validation_error_that_is_nan_is_no_best),
        cmocka_unit_test(test_validation_error_of_0_or_infinity),
        cmocka_unit_test(test_diminishing_returns_looks_over_its_window),
        cmocka_unit_test(test_errors_that_are_negligible),
        cmocka_unit_test(test_a_rising_error_and_an_error_of_0_are_no_improvement),
        cmocka_unit_test(test_patience_is_judged_by_the_mean),
        cmocka_unit_test(test_one_low_error_by_chance),
        cmocka_unit_test(test_means_of_nan_and_infinity),
        cmocka_unit_test(test_random_courses_against_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
