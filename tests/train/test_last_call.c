/* The gradient hook's last call, which tells it how the run ended; and calls from inside the hook. */
#include "train/gradient_recorder.h"
#include "train/poison.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int stop_after_2(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    return progress->epoch == 2;
}

static void test_rules_and_the_callback_are_announced(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {
        bp_stop_error_below(1e9),
        bp_stop_mean_error_below(1e9),
        bp_stop_within_tolerance(10),
        bp_stop_early(1, 10),
        bp_stop_diminishing_returns(1, 1),
        bp_stop_epochs(3),
        bp_stop_updates(7),
        bp_stop_seconds(1e-9),
        bp_stop_gradient_below(1e9),
    };
    bp_data data = example_training();
    for (size_t i = 0; i <= COUNT(rules); i++) {
        recorder seen = {.calls = 0};
        bool callback = i == COUNT(rules);
        bp_stop_rule forever = bp_stop_epochs(1000);
        bp_trainer_options options = recorded_by(&seen, callback ? &forever : &rules[i]);
        options.batch_size = 4;
        options.on_epoch = callback ? stop_after_2 : NULL;
        pair both = make_pair(example_network(1), &options);
        bp_stop_reason reason = callback ? BP_STOP_CALLBACK : (bp_stop_reason)rules[i].kind;
        bp_result result = train_until(both.trainer, &data, &data, reason);
        assert_announced(&seen, (size_t)result.updates, reason, BP_OK);
        end_pair(&both);
    }
}

/* In the first batch, before the hook was ever called, or later; an infinite weight that only the end of the
 * run finds is none of a rule's ends. */
static void test_divergence_is_announced(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    const bp_real large = (bp_real)TOLERANCE(1e35, 1e200);
    const bp_real input = (bp_real)TOLERANCE(1e30, 1e160), target = 0;
    bp_data first = bp_data_view(1, &input, 1, &target, 1);
    const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_updates(1), bp_stop_epochs(100)};
    for (size_t i = 0; i < COUNT(rules); i++) {
        recorder seen = {.calls = 0};
        bp_trainer_options options = recorded_by(&seen, &rules[i]);
        options.optimizer = bp_optimizer_gradient_descent(TOLERANCE(3e38, 1.5e308));
        pair both = make_pair(numbered_network(), &options);
        bp_result result = empty_result();
        assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_DIVERGED, "bp_trainer_run: ");
        assert_int_equal(result.updates, 1);
        assert_announced(&seen, 1, BP_STOP_DIVERGED, BP_DIVERGED);
        seen.calls = 0;
        assert_ok(bp_network_set_weights(both.net, &large, 1));
        assert_fails(bp_trainer_run(both.trainer, &first, NULL, &result), BP_DIVERGED, "bp_trainer_run: ");
        assert_announced(&seen, 0, BP_STOP_DIVERGED, BP_DIVERGED);
        end_pair(&both);
    }
}

/* A loss whose derivative is NaN for a target of 9. */
static double fail_at_nine(void *context, const bp_real *y, const bp_real *target, bp_real *derivative,
                           size_t units)
{
    (void)context;
    for (size_t j = 0; derivative != NULL && j < units; j++)
        derivative[j] = target[j] == -9 ? (bp_real)NAN : y[j];
    return 1;
}

static void test_failures_are_announced(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(8);
    bp_data data = numbered_data();
    recorder seen = {.spoil_at = 3};
    bp_trainer_options options = recorded_by(&seen, &rule);
    options.batch_size = 1;
    options.shuffle = 0;
    pair both = make_pair(numbered_network(), &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_NOT_FINITE, "on_gradient left");
    assert_announced(&seen, 3, BP_STOP_FAILED, BP_ERROR_NOT_FINITE);
    end_pair(&both);

    seen = (recorder){.zeros = true};
    options.loss = bp_loss_custom(fail_at_nine, NULL);
    both = make_pair(numbered_network(), &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_NOT_FINITE, "derivative");
    assert_announced(&seen, 9, BP_STOP_FAILED, BP_ERROR_NOT_FINITE);
    end_pair(&both);
}

static int deny_memory(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    (void)progress;
    ((poison *)context)->fail_at = 0;
    return 0;
}

static void test_memory_that_runs_out_is_announced(void **state)
{
    (void)state;
    poison memory;
    bp_allocator allocator = poison_allocator(&memory);
    bp_stop_rule rule = bp_stop_epochs(8);
    recorder seen = {.calls = 0};
    bp_trainer_options options = recorded_by(&seen, &rule);
    options.keep_history = 1;
    options.on_epoch = deny_memory;
    options.on_epoch_context = &memory;
    bp_data data = example_training();
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    pair both = make_pair(net, &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_MEMORY, "history");
    assert_announced(&seen, 4, BP_STOP_FAILED, BP_ERROR_MEMORY);
    seen.calls = 0;
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_MEMORY, "history");
    assert_announced(&seen, 0, BP_STOP_FAILED, BP_ERROR_MEMORY); /* refused before it began */
    data.input_width++;
    seen.calls = 0;
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_SIZE, "training");
    assert_announced(&seen, 0, BP_STOP_FAILED, BP_ERROR_SIZE);
    end_pair(&both);
    poison_end(&memory);
}

/* --------------------------------------------------------------- calls from inside */

typedef struct intruder {
    bp_trainer *trainer;
    size_t calls, last_calls;
    bool is_reset; /* does it reset the trainer, and train within? */
} intruder;

static bp_status intrude(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    intruder *self = context;
    bp_data data = example_training();
    (void)reply;
    self->last_calls += batch->reason != BP_STOP_NONE;
    if (++self->calls != 3)
        return BP_OK;
    assert_fails(bp_trainer_run(self->trainer, &data, NULL, NULL), BP_ERROR_STATE,
                 "a run of the same trainer is in progress");
    assert_int_equal(self->calls, 3); /* it was not called for that */
    assert_fails(bp_trainer_restore_best(self->trainer), BP_ERROR_STATE, "inside bp_trainer_run");
    if (self->is_reset) {
        assert_ok(bp_trainer_reset(self->trainer));
        assert_ok(bp_trainer_run(self->trainer, &data, NULL, NULL));
    }
    return BP_OK;
}

/* The run that was reset ends; its last gradient is not used. The trainer is as after the run within. */
static void test_a_reset_from_inside_ends_the_run(void **state)
{
    (void)state;
    intruder harmless = {.is_reset = false}, resets = {.is_reset = true};
    bp_stop_rule rule = bp_stop_epochs(5), two = bp_stop_updates(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_gradient = intrude;
    options.on_gradient_context = &harmless;
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    harmless.trainer = both.trainer;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(harmless.calls, 6);
    end_pair(&both);

    options.on_gradient_context = &resets;
    both = make_pair(example_network(1), &options);
    resets.trainer = both.trainer;
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_ERROR_STATE,
                 "bp_trainer_reset was called");
    assert_int_equal(result.reason, BP_STOP_FAILED);
    assert_int_equal(result.updates, 2);
    assert_int_equal(resets.calls, 3 + 6 + 1);
    assert_int_equal(resets.last_calls, 2);
    options.on_gradient = NULL;
    pair twin = make_pair(example_network(1), &options);
    options.stop_rules = &two;
    bp_trainer *before = make_trainer(twin.net, &options);
    train_until(before, &data, NULL, BP_STOP_UPDATES);
    for (int run = 0; run < 2; run++) { /* the one within, and one more */
        train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
        if (run > 0)
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(both.net, twin.net);
    }
    bp_trainer_destroy(before);
    end_pair(&both);
    end_pair(&twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_and_the_callback_are_announced),
        cmocka_unit_test(test_divergence_is_announced),
        cmocka_unit_test(test_failures_are_announced),
        cmocka_unit_test(test_memory_that_runs_out_is_announced),
        cmocka_unit_test(test_a_reset_from_inside_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
