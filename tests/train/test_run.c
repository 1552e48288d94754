/* Runs: input validation, the callback. What each rule does is in test_run_rules.c. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------ input validation */

static void test_result_init(void **state)
{
    (void)state;
    bp_result result;
    memset(&result, 0xff, sizeof result);
    bp_result_init(&result, sizeof result);
    assert_int_equal(result.size, sizeof result);
    assert_int_equal(result.reason, BP_STOP_NONE);
    assert_int_equal(result.epochs, 0);
    bp_result_init(NULL, sizeof result);
    result.size = 5;
    bp_result_init(&result, 1);
    assert_int_equal(result.size, 5);
}

/* The run fails with this status and part of a message, and neither weights nor result change. */
static void assert_refused(bp_trainer *trainer, const bp_network *net, const bp_data *training,
                           const bp_data *validation, bp_status status, const char *part)
{
    bp_network *before = NULL;
    assert_ok(bp_network_copy(&before, net));
    bp_result result = empty_result(), untouched = result;
    assert_fails(bp_trainer_run(trainer, training, validation, &result), status, part);
    assert_memory_equal(&result, &untouched, sizeof result);
    assert_same_weights(before, net);
    bp_network_destroy(before);
}

static void test_weights_never_set(void **state)
{
    (void)state;
    const size_t units[] = {3, 2};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_logistic()));
    pair both = make_pair(net, NULL);
    bp_data data = example_training();
    assert_refused(both.trainer, net, &data, NULL, BP_ERROR_STATE, "bp_trainer_run");
    end_pair(&both);
}

/* Each wrong view is refused as training and as validation data, and the message says which. */
static void refuse_as_both(pair *both, const bp_data *bad, bp_status status)
{
    bp_data good = example_training();
    assert_refused(both->trainer, both->net, bad, NULL, status, "bp_trainer_run: training");
    assert_refused(both->trainer, both->net, &good, bad, status, "bp_trainer_run: validation");
}

static void test_wrong_data(void **state)
{
    (void)state;
    pair both = make_pair(example_network(1), NULL);
    bp_data good = example_training(), bad = good;
    assert_refused(both.trainer, both.net, NULL, NULL, BP_ERROR_ARGUMENT, "bp_trainer_run: training is NULL");
    bad.cases = 0;
    refuse_as_both(&both, &bad, BP_ERROR_ARGUMENT);
    bad = good;
    bad.inputs = NULL;
    refuse_as_both(&both, &bad, BP_ERROR_ARGUMENT);
    bad = good;
    bad.targets = NULL;
    refuse_as_both(&both, &bad, BP_ERROR_ARGUMENT);
    bad = good;
    bad.input_width = EXAMPLE_INPUTS + 1;
    refuse_as_both(&both, &bad, BP_ERROR_SIZE);
    bad = good;
    bad.target_width = EXAMPLE_OUTPUTS - 1;
    refuse_as_both(&both, &bad, BP_ERROR_SIZE);
    bad = good;
    bad.steps = 2;
    refuse_as_both(&both, &bad, BP_ERROR_SIZE);
    end_pair(&both);
}

static void test_data_that_are_not_finite(void **state)
{
    (void)state;
    pair both = make_pair(example_network(1), NULL);
    bp_real inputs[2 * EXAMPLE_INPUTS] = {0}, targets[2 * EXAMPLE_OUTPUTS] = {0}, weights[2] = {1, 1};
    bp_data data = bp_data_view(2, inputs, EXAMPLE_INPUTS, targets, EXAMPLE_OUTPUTS);
    data.case_weights = weights;
    const bp_real values[] = {(bp_real)NAN, (bp_real)INFINITY, (bp_real)-INFINITY};
    for (size_t i = 0; i < COUNT(values); i++) {
        bp_real *places[] = {&inputs[4], &targets[3], &weights[1]};
        for (size_t place = 0; place < 3; place++) {
            bp_real kept = *places[place];
            *places[place] = values[i];
            refuse_as_both(&both, &data, BP_ERROR_NOT_FINITE);
            *places[place] = kept;
        }
    }
    weights[0] = -1;
    refuse_as_both(&both, &data, BP_ERROR_ARGUMENT);
    end_pair(&both);
}

static void test_targets_that_cross_entropy_cannot_work_with(void **state)
{
    (void)state;
    bp_trainer_options options = options_with(NULL, 0);
    options.loss = bp_loss_cross_entropy();
    pair both = make_pair(example_network(1), &options);
    bp_real inputs[EXAMPLE_INPUTS] = {0}, targets[EXAMPLE_OUTPUTS] = {(bp_real)0.5, (bp_real)1.5};
    bp_data data = bp_data_view(1, inputs, EXAMPLE_INPUTS, targets, EXAMPLE_OUTPUTS);
    refuse_as_both(&both, &data, BP_ERROR_ARGUMENT);
    end_pair(&both);
}

static void test_wrong_results_and_a_missing_validation_set(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_epochs(3), bp_stop_early(3, 0)};
    pair both = make_pair_with_rules(example_network(1), rules, 2);
    bp_data data = example_training();
    bp_result result = {0};
    assert_fails(bp_trainer_run(both.trainer, &data, &data, &result), BP_ERROR_ARGUMENT, "bp_result.size");
    result.size = offsetof(bp_result, seconds); /* members that were appended since may be missing */
    assert_fails(bp_trainer_run(both.trainer, &data, &data, &result), BP_ERROR_VERSION, "bp_result.size");
    assert_refused(both.trainer, both.net, &data, NULL, BP_ERROR_ARGUMENT,
                   "validation is NULL, but options.stop_rules[1] needs it");
    assert_ok(bp_trainer_run(both.trainer, &data, &data, NULL));
    end_pair(&both);
}

/* -------------------------------------------------------------------- the callback */

static int stop_at_4(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    return progress->epoch == 4 ? 17 : 0;
}

static void test_the_callback_ends_training(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_epochs(9), bp_stop_epochs(4)};
    bp_trainer_options options = options_with(rules, 1);
    options.on_epoch = stop_at_4;
    pair both = make_pair(xor_network(1), &options);
    bp_data data = xor_data();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
    assert_int_equal(result.epochs, 4);
    assert_int_equal(result.rule, 1); /* the number of rules: none fired */
    end_pair(&both);
    options.stop_rule_count = 2;
    both = make_pair(xor_network(1), &options);
    result = train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
    assert_int_equal(result.rule, 2);
    end_pair(&both);
}

static int call_from_inside(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)progress;
    bp_data data = xor_data();
    assert_fails(bp_trainer_run(trainer, &data, NULL, NULL), BP_ERROR_STATE, "bp_trainer_run");
    assert_fails(bp_trainer_restore_best(trainer), BP_ERROR_STATE, "trainer_restore_best");
    ++*(int *)context;
    return 0;
}

static void test_a_run_within_a_run_is_refused(void **state)
{
    (void)state;
    int calls = 0;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = call_from_inside;
    options.on_epoch_context = &calls;
    pair both = make_pair(xor_network(1), &options);
    pair plain = make_pair_with_rules(xor_network(1), &rule, 1);
    bp_data data = xor_data();
    train_until(both.trainer, &data, &data, BP_STOP_EPOCHS);
    train_until(plain.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(calls, 2);
    assert_same_weights(both.net, plain.net);
    assert_ok(bp_trainer_reset(both.trainer)); /* outside it is allowed again */
    end_pair(&both);
    end_pair(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result_init),
        cmocka_unit_test(test_weights_never_set),
        cmocka_unit_test(test_wrong_data),
        cmocka_unit_test(test_data_that_are_not_finite),
        cmocka_unit_test(test_targets_that_cross_entropy_cannot_work_with),
        cmocka_unit_test(test_wrong_results_and_a_missing_validation_set),
        cmocka_unit_test(test_the_callback_ends_training),
        cmocka_unit_test(test_a_run_within_a_run_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
