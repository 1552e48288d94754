/* Each stopping rule fires exactly when it should, alone and together with others. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "train/stopping.h"

static bp_allocator plain_allocator(void)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    return allocator;
}

static stop_rules make_set(const bp_stop_rule *rules, size_t count)
{
    bp_allocator allocator = plain_allocator();
    stop_rules set;
    assert_ok(bpi_stopping_create(&set, "here", &allocator, rules, count));
    return set;
}

/* The epoch (from 1) after which a rule fires first, given the metrics of each; 0: never. */
static size_t fires_after(bp_stop_rule rule, const stop_metrics *epochs, size_t count)
{
    stop_rules set = make_set(&rule, 1);
    size_t fired = 0;
    for (size_t i = 0; i < count && fired == 0; i++) {
        bpi_stopping_observe(&set, &epochs[i]);
        if (bpi_stopping_next(&set, 0, &epochs[i]) == 0)
            fired = i + 1;
    }
    bpi_stopping_clear(&set);
    return fired;
}

static size_t fires_after_validation(bp_stop_rule rule, const double *errors, size_t count)
{
    stop_metrics epochs[32] = {0};
    for (size_t i = 0; i < count; i++)
        epochs[i].validation_error = errors[i];
    return fires_after(rule, epochs, count);
}

static size_t fires_after_errors(bp_stop_rule rule, const double *errors, size_t count)
{
    stop_metrics epochs[32] = {0};
    for (size_t i = 0; i < count; i++)
        epochs[i].mean_error = errors[i];
    return fires_after(rule, epochs, count);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --------------------------------------------------------------------- values */

static void test_every_reason_has_a_text(void **state)
{
    (void)state;
    static const bp_stop_reason reasons[] = {
#define REASON(name, value, text) name,
        BP_STOP_LIST(REASON)
#undef REASON
    };
    assert_string_equal(bp_stop_reason_string(BP_STOP_NONE), "not stopped");
    assert_string_equal(bp_stop_reason_string(BP_STOP_UPDATES), "limit of updates");
    for (size_t i = 0; i < COUNT(reasons); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(bp_stop_reason_string(reasons[i]), bp_stop_reason_string(reasons[j]));
    assert_string_equal(bp_stop_reason_string((bp_stop_reason)1000), "unknown reason");
    assert_string_equal(bp_stop_reason_string((bp_stop_reason)-1), "unknown reason");
}

static void test_values_carry_their_reason(void **state)
{
    (void)state;
    assert_int_equal(sizeof(bp_stop_rule), 64);
    const struct {
        bp_stop_rule rule;
        bp_stop_reason reason;
    } rows[] = {
        {bp_stop_error_below(1), BP_STOP_ERROR_BELOW},
        {bp_stop_mean_error_below(1), BP_STOP_MEAN_ERROR_BELOW},
        {bp_stop_within_tolerance(1), BP_STOP_WITHIN_TOLERANCE},
        {bp_stop_early(1, 0), BP_STOP_EARLY},
        {bp_stop_diminishing_returns(1, 1), BP_STOP_DIMINISHING_RETURNS},
        {bp_stop_epochs(1), BP_STOP_EPOCHS},
        {bp_stop_updates(1), BP_STOP_UPDATES},
        {bp_stop_seconds(1), BP_STOP_SECONDS},
        {bp_stop_gradient_below(1), BP_STOP_GRADIENT_BELOW},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rows[i].rule.kind, rows[i].reason);
        assert_ok(bpi_stop_rule_check("here", &rows[i].rule));
    }
}

static void test_wrong_numbers_are_named(void **state)
{
    (void)state;
    const double bad[] = {0, -1, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(bad); i++) {
        bp_status wanted = isfinite(bad[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        const struct {
            bp_stop_rule rule;
            const char *name;
            bool zero_is_good;
        } rows[] = {
            {bp_stop_error_below(bad[i]), "here: summed_error is ", false},
            {bp_stop_mean_error_below(bad[i]), "here: mean_error is ", false},
            {bp_stop_within_tolerance(bad[i]), "here: tolerance is ", false},
            {bp_stop_early(1, bad[i]), "here: min_improvement is ", true},
            {bp_stop_diminishing_returns(1, bad[i]), "here: improvement is ", false},
            {bp_stop_seconds(bad[i]), "here: seconds is ", false},
            {bp_stop_gradient_below(bad[i]), "here: threshold is ", false},
        };
        for (size_t j = 0; j < COUNT(rows); j++)
            if (bad[i] == 0 && rows[j].zero_is_good)
                assert_ok(bpi_stop_rule_check("here", &rows[j].rule));
            else
                assert_fails(bpi_stop_rule_check("here", &rows[j].rule), wanted, rows[j].name);
    }
}

static void test_counts_of_0_and_unknown_kinds_are_refused(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_early(0, 0);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: patience is 0");
    rule = bp_stop_diminishing_returns(0, 0.1);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: window is 0");
    rule = bp_stop_epochs(0);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: epochs is 0");
    rule = bp_stop_updates(0);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: updates is 0");
    const int32_t kinds[] = {
        BP_STOP_NONE, BP_STOP_CALLBACK, BP_STOP_DIVERGED, BP_STOP_FAILED, BP_STOP_HOOK, -1, 1000, INT32_MAX};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        rule = bp_stop_epochs(1);
        rule.kind = kinds[i];
        assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: invalid stop rule kind ");
    }
}

/* ------------------------------------------------------------------ single rules */

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
    const stop_metrics nan = {NAN, NAN, NAN, NAN, NAN, 1, 1, 0};
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

static void test_a_rising_error_and_an_error_of_0_are_no_improvement(void **state)
{
    (void)state;
    const double rising[] = {1, 2, 3};
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 1e-9), rising, 3), 2);
    const double zero[] = {1, 0, 0};
    assert_int_equal(fires_after_errors(bp_stop_diminishing_returns(1, 0.5), zero, 3), 3);
}

/* ---------------------------------------------------------------- several rules */

static void test_the_first_in_the_given_order_wins(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_epochs(9), bp_stop_updates(5), bp_stop_error_below(1),
                                  bp_stop_epochs(3)};
    stop_rules set = make_set(rules, 4);
    stop_metrics metrics = {.error = 2, .epochs = 1, .updates = 1};
    assert_int_equal(bpi_stopping_next(&set, 0, &metrics), 4);
    metrics.epochs = 3;
    assert_int_equal(bpi_stopping_next(&set, 0, &metrics), 3);
    metrics.error = 0.5;
    assert_int_equal(bpi_stopping_next(&set, 0, &metrics), 2);
    metrics.updates = 5;
    assert_int_equal(bpi_stopping_next(&set, 0, &metrics), 1);
    metrics.epochs = 9;
    assert_int_equal(bpi_stopping_next(&set, 0, &metrics), 0);
    /* and on from there */
    assert_int_equal(bpi_stopping_next(&set, 1, &metrics), 1);
    assert_int_equal(bpi_stopping_next(&set, 2, &metrics), 2);
    assert_int_equal(bpi_stopping_next(&set, 4, &metrics), 4);
    bpi_stopping_clear(&set);
}

static void test_limits_within_an_epoch_are_those_of_updates_and_time(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_error_below(1), bp_stop_gradient_below(1),
                                  bp_stop_seconds(2), bp_stop_updates(5)};
    stop_rules set = make_set(rules, 5);
    stop_metrics metrics = {.epochs = 7, .updates = 4, .seconds = 1};
    assert_int_equal(bpi_stopping_limit(&set, &metrics), 5);
    metrics.updates = 5;
    assert_int_equal(bpi_stopping_limit(&set, &metrics), 4);
    metrics.seconds = 2;
    assert_int_equal(bpi_stopping_limit(&set, &metrics), 3);
    assert_true(bpi_stopping_has_limits(&set));
    bpi_stopping_clear(&set);

    set = make_set(rules, 3);
    assert_false(bpi_stopping_has_limits(&set));
    bpi_stopping_clear(&set);
}

static void test_rules_are_found_and_know_whether_to_be_confirmed(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_error_below(1), bp_stop_mean_error_below(1),
                                  bp_stop_within_tolerance(1), bp_stop_epochs(2)};
    const bool confirmed[] = {false, true, true, true, false};
    stop_rules set = make_set(rules, 5);
    assert_int_equal(bpi_stopping_find(&set, BP_STOP_EPOCHS), 0);
    assert_int_equal(bpi_stopping_find(&set, BP_STOP_WITHIN_TOLERANCE), 3);
    assert_int_equal(bpi_stopping_find(&set, BP_STOP_SECONDS), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(bpi_stopping_needs_confirmation(&set, i), confirmed[i]);
    bpi_stopping_clear(&set);
}

/* Two rules of a kind have separate memories, and both are reset. */
static void test_each_rule_has_a_memory_of_its_own(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_early(4, 0), bp_stop_early(2, 0),
                                  bp_stop_diminishing_returns(3, 0.5), bp_stop_diminishing_returns(2, 0.5)};
    stop_rules set = make_set(rules, 4);
    const stop_metrics flat = {.mean_error = 1, .validation_error = 1};
    for (int round = 0; round < 2; round++) {
        const size_t wanted[] = {4, 4, 1, 1, 0};
        for (size_t i = 0; i < 5; i++) {
            bpi_stopping_observe(&set, &flat);
            assert_int_equal(bpi_stopping_next(&set, 0, &flat), wanted[i]);
            assert_int_equal(bpi_stopping_fires(&set, 3, &flat), i >= 2);
            assert_int_equal(bpi_stopping_fires(&set, 2, &flat), i >= 3);
        }
        bpi_stopping_reset(&set);
        assert_int_equal(bpi_stopping_next(&set, 0, &flat), 4);
    }
    bpi_stopping_clear(&set);
}

/* --------------------------------------------------------------------- memory */

static bp_status create_and_clear(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_diminishing_returns(5, 0.1),
                                  bp_stop_diminishing_returns(2, 0.1)};
    stop_rules set;
    bp_status status = bpi_stopping_create(&set, "here", allocator, rules, 3);
    if (status == BP_OK)
        bpi_stopping_clear(&set);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(create_and_clear, NULL);
}

static void test_a_window_too_large_for_any_memory(void **state)
{
    (void)state;
    bp_allocator allocator = plain_allocator();
    const size_t windows[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 8};
    for (size_t i = 0; i < COUNT(windows); i++) {
        bp_stop_rule rule = bp_stop_diminishing_returns(windows[i], 0.1);
        stop_rules set;
        assert_fails(bpi_stopping_create(&set, "here", &allocator, &rule, 1), BP_ERROR_MEMORY,
                     "here[0]: out of memory for a window of ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason_has_a_text),
        cmocka_unit_test(test_values_carry_their_reason),
        cmocka_unit_test(test_wrong_numbers_are_named),
        cmocka_unit_test(test_counts_of_0_and_unknown_kinds_are_refused),
        cmocka_unit_test(test_thresholds_of_the_training_error),
        cmocka_unit_test(test_errors_that_are_nan_fire_nothing),
        cmocka_unit_test(test_gradient_below),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_early_stopping_waits_for_its_patience),
        cmocka_unit_test(test_small_improvements_add_up),
        cmocka_unit_test(test_a_validation_error_that_is_nan_is_no_best),
        cmocka_unit_test(test_validation_error_of_0_or_infinity),
        cmocka_unit_test(test_diminishing_returns_looks_over_its_window),
        cmocka_unit_test(test_a_rising_error_and_an_error_of_0_are_no_improvement),
        cmocka_unit_test(test_the_first_in_the_given_order_wins),
        cmocka_unit_test(test_limits_within_an_epoch_are_those_of_updates_and_time),
        cmocka_unit_test(test_rules_are_found_and_know_whether_to_be_confirmed),
        cmocka_unit_test(test_each_rule_has_a_memory_of_its_own),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_a_window_too_large_for_any_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
