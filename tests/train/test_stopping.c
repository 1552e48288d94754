/* Stopping rules as values, several together, and what they remember. */
#include "train/stopping_example.h"

#include <math.h>
#include <string.h>

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
        {bp_stop_generalization_loss(1), BP_STOP_GENERALIZATION_LOSS},
        {bp_stop_progress_quotient(1, 1), BP_STOP_PROGRESS_QUOTIENT},
        {bp_stop_validation_up(1, 1), BP_STOP_VALIDATION_UP},
        {bp_stop_early_averaged(1, 0, 1), BP_STOP_EARLY_AVERAGED},
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
            {bp_stop_generalization_loss(bad[i]), "here: alpha is ", false},
            {bp_stop_progress_quotient(1, bad[i]), "here: alpha is ", false},
            {bp_stop_early_averaged(1, bad[i], 1), "here: min_improvement is ", true},
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
    rule = bp_stop_progress_quotient(0, 1);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: strip is 0");
    rule = bp_stop_validation_up(0, 1);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: strip is 0");
    rule = bp_stop_validation_up(1, 0);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: strips is 0");
    rule = bp_stop_early_averaged(0, 0, 1);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: patience is 0");
    rule = bp_stop_early_averaged(1, 0, 0);
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: window is 0");
    const int32_t kinds[] = {
        BP_STOP_NONE, BP_STOP_CALLBACK, BP_STOP_DIVERGED, BP_STOP_FAILED, BP_STOP_HOOK, -1, 1000, INT32_MAX};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        rule = bp_stop_epochs(1);
        rule.kind = kinds[i];
        assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT, "here: invalid stop rule kind ");
    }
}

/* A number that a rule does not have is a part of its reserve, for a later version. */
static void test_numbers_that_a_rule_does_not_have_are_0(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_early(1, 0);
    rule.window = 1;
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT,
                 "here: invalid stop rule: reserved bytes are not 0");
    rule = bp_stop_progress_quotient(1, 1);
    rule.count = 1;
    assert_fails(bpi_stop_rule_check("here", &rule), BP_ERROR_ARGUMENT,
                 "here: invalid stop rule: reserved bytes are not 0");
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

static void test_which_rules_judge_by_the_validation_error(void **state)
{
    (void)state;
    static const bp_stop_reason reasons[] = {
#define REASON(name, value, text) name,
        BP_STOP_LIST(REASON)
#undef REASON
    };
    for (size_t i = 0; i < COUNT(reasons); i++) {
        const bool wanted = reasons[i] == BP_STOP_EARLY || reasons[i] == BP_STOP_EARLY_AVERAGED ||
                            reasons[i] == BP_STOP_GENERALIZATION_LOSS ||
                            reasons[i] == BP_STOP_PROGRESS_QUOTIENT || reasons[i] == BP_STOP_VALIDATION_UP;
        assert_int_equal(bpi_stopping_judges_validation(reasons[i]), wanted);
    }
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_diminishing_returns(1, 1),
                                  bp_stop_validation_up(1, 1), bp_stop_early(1, 0)};
    stop_rules set = make_set(rules, 4);
    assert_int_equal(bpi_stopping_find_validation(&set), 2);
    bpi_stopping_clear(&set);
    set = make_set(rules, 2);
    assert_int_equal(bpi_stopping_find_validation(&set), 2);
    bpi_stopping_clear(&set);
}

/* --------------------------------------------------------------------- memory */

static const bp_stop_rule *remembering_rules(size_t *count)
{
    static bp_stop_rule rules[8];
    const bp_stop_rule made[] = {bp_stop_early(3, 0.01),
                                 bp_stop_early_averaged(3, 0.01, 4),
                                 bp_stop_diminishing_returns(6, 0.05),
                                 bp_stop_generalization_loss(20),
                                 bp_stop_progress_quotient(5, 0.2),
                                 bp_stop_validation_up(3, 2),
                                 bp_stop_error_below(0.1),
                                 bp_stop_epochs(17)};
    memcpy(rules, made, sizeof made);
    *count = COUNT(made);
    return rules;
}

static void test_arrays_and_their_lengths(void **state)
{
    (void)state;
    const size_t capacities[] = {0, 4, 7, 0, 5, 0, 0, 0};
    size_t count;
    const bp_stop_rule *rules = remembering_rules(&count);
    stop_rules set = make_set(rules, count);
    for (size_t epoch = 0; epoch < 12; epoch++) {
        for (size_t i = 0; i < count; i++) {
            const stop_array array = bpi_stopping_array(&set, i);
            assert_int_equal(array.capacity, capacities[i]);
            assert_int_equal(array.count, epoch < capacities[i] ? epoch : capacities[i]);
            assert_int_equal(array.values != NULL, capacities[i] > 0);
        }
        const stop_metrics metrics = {.mean_error = (double)epoch, .validation_error = 100 + (double)epoch};
        bpi_stopping_observe(&set, &metrics);
    }
    /* Rings: the last 4 of the errors 100 to 111, the last 7 and 5 of 0 to 11 */
    static const double averaged[] = {108, 109, 110, 111}, diminishing[] = {7, 8, 9, 10, 11, 5, 6},
                        strip[] = {10, 11, 7, 8, 9};
    assert_memory_equal(bpi_stopping_array(&set, 1).values, averaged, sizeof averaged);
    assert_memory_equal(bpi_stopping_array(&set, 2).values, diminishing, sizeof diminishing);
    assert_memory_equal(bpi_stopping_array(&set, 4).values, strip, sizeof strip);
    bpi_stopping_clear(&set);
}

/* As a checkpoint does it: the numbers, then the arrays as far as they have a meaning. */
static void copy_memory(stop_rules *to, const stop_rules *from)
{
    for (size_t i = 0; i < from->count; i++) {
        double *errors = to->memory[i].errors;
        to->memory[i] = from->memory[i];
        to->memory[i].errors = errors;
        const stop_array source = bpi_stopping_array(from, i), target = bpi_stopping_array(to, i);
        assert_int_equal(source.count, target.count);
        for (size_t j = 0; j < source.count; j++)
            target.values[j] = source.values[j];
    }
}

static void test_a_copied_memory_goes_on_alike(void **state)
{
    (void)state;
    size_t count, fired = 0;
    const bp_stop_rule *rules = remembering_rules(&count);
    for (size_t cut = 0; cut < 25; cut++) {
        uint64_t random = cut;
        stop_rules whole = make_set(rules, count), rest = make_set(rules, count);
        for (size_t epoch = 0; epoch < 50; epoch++) {
            const stop_metrics metrics = {.error = 1,
                                          .mean_error = test_uniform(&random, 1, 2),
                                          .validation_error = test_uniform(&random, 1, 2),
                                          .epochs = epoch};
            if (epoch == cut)
                copy_memory(&rest, &whole);
            bpi_stopping_observe(&whole, &metrics);
            if (epoch < cut)
                continue;
            bpi_stopping_observe(&rest, &metrics);
            for (size_t i = 0; i < count; i++) {
                const bool fires = bpi_stopping_fires(&whole, i, &metrics);
                assert_int_equal(bpi_stopping_fires(&rest, i, &metrics), fires);
                fired += fires;
            }
        }
        bpi_stopping_clear(&whole);
        bpi_stopping_clear(&rest);
    }
    assert_true(fired > 100);
}

static bp_status create_and_clear(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_diminishing_returns(5, 0.1),
                                  bp_stop_progress_quotient(2, 0.1), bp_stop_early_averaged(1, 0, 3)};
    stop_rules set;
    bp_status status = bpi_stopping_create(&set, "here", allocator, rules, COUNT(rules));
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
        const bp_stop_rule rules[] = {bp_stop_diminishing_returns(windows[i], 0.1),
                                      bp_stop_early_averaged(1, 0, windows[i]),
                                      bp_stop_progress_quotient(windows[i], 1)};
        static const char *const messages[] = {"here[0]: out of memory for a window of ",
                                               "here[0]: out of memory for a window of ",
                                               "here[0]: out of memory for a strip of "};
        stop_rules set;
        for (size_t j = 0; j < COUNT(rules); j++)
            assert_fails(bpi_stopping_create(&set, "here", &allocator, &rules[j], 1), BP_ERROR_MEMORY,
                         messages[j]);
    }
    bp_stop_rule rule = bp_stop_diminishing_returns(1, 0.1); /* more than a size_t of 32 bits holds, too */
    rule.count = UINT64_MAX;
    stop_rules set;
    assert_fails(bpi_stopping_create(&set, "here", &allocator, &rule, 1), BP_ERROR_MEMORY,
                 "here[0]: out of memory for a window of 18446744073709551615 epochs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason_has_a_text),
        cmocka_unit_test(test_values_carry_their_reason),
        cmocka_unit_test(test_wrong_numbers_are_named),
        cmocka_unit_test(test_counts_of_0_and_unknown_kinds_are_refused),
        cmocka_unit_test(test_numbers_that_a_rule_does_not_have_are_0),
        cmocka_unit_test(test_the_first_in_the_given_order_wins),
        cmocka_unit_test(test_limits_within_an_epoch_are_those_of_updates_and_time),
        cmocka_unit_test(test_rules_are_found_and_know_whether_to_be_confirmed),
        cmocka_unit_test(test_each_rule_has_a_memory_of_its_own),
        cmocka_unit_test(test_which_rules_judge_by_the_validation_error),
        cmocka_unit_test(test_arrays_and_their_lengths),
        cmocka_unit_test(test_a_copied_memory_goes_on_alike),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_a_window_too_large_for_any_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
