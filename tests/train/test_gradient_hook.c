/* The gradient hook: what it is told and may do, and empty batches. The last call is in test_last_call.c. */
#include "train/gradient_recorder.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---------------------------------------------------------------- the gradient */

/* What a hook is to do, and when. */
typedef struct hook {
    size_t calls, act_at; /* counted from 1 */
    bp_status status;
    double factor, first; /* every derivative times factor; then the first one is set, if first is not 0 */
} hook;

static bp_status act(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    hook *self = context;
    (void)reply;
    if (batch->reason != BP_STOP_NONE || ++self->calls < self->act_at)
        return BP_OK;
    for (size_t i = 0; i < batch->count; i++)
        batch->gradient[i] *= (bp_real)self->factor;
    if (self->first != 0)
        batch->gradient[0] = (bp_real)self->first;
    return self->status;
}

/* Epochs that change nothing have equal errors: the first of them is the best. */
static void test_the_best_epoch_is_the_first_of_equals(void **state)
{
    (void)state;
    hook still = {.act_at = 1, .factor = 0};
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_gradient = act;
    options.on_gradient_context = &still;
    pair both = make_pair(numbered_network(), &options);
    bp_data data = numbered_data();
    assert_int_equal(train_until(both.trainer, &data, &data, BP_STOP_EPOCHS).best_epoch, 1);
    end_pair(&both);
}

static bp_status run_with_hook(bp_network *net, hook *self, size_t updates, double decay, bp_result *result)
{
    bp_stop_rule rule = bp_stop_updates(updates);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    options.weight_decay = decay;
    options.on_gradient = self == NULL ? NULL : act;
    options.on_gradient_context = self;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data data = example_training();
    bp_status status = bp_trainer_run(trainer, &data, NULL, result);
    bp_trainer_destroy(trainer);
    return status;
}

static void test_the_hooks_gradient_is_the_one_that_is_used(void **state)
{
    (void)state;
    bp_network *net = example_network(2), *start = example_network(2);
    assert_ok(run_with_hook(net, &(hook){.act_at = 1, .factor = 0}, 9, 0, NULL));
    assert_same_weights(net, start);
    /* weight decay is part of the update, whatever the gradient */
    assert_ok(run_with_hook(net, &(hook){.act_at = 1, .factor = 0}, 1, 0.5, NULL));
    const bp_real *now = bp_network_weights(net, NULL), *before = bp_network_weights(start, NULL);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true(now[i] == before[i] / 2);
    bp_network_destroy(net);
    bp_network_destroy(start);
}

static void test_a_passive_hook_changes_nothing(void **state)
{
    (void)state;
    bp_network *net = example_network(2), *plain = example_network(2);
    hook passive = {.act_at = SIZE_MAX};
    assert_ok(run_with_hook(net, &passive, 30, 0, NULL));
    assert_ok(run_with_hook(plain, NULL, 30, 0, NULL));
    assert_int_equal(passive.calls, 30);
    assert_same_weights(net, plain);
    bp_network_destroy(net);
    bp_network_destroy(plain);
}

/* The weights are then those after the last update before it. */
static void test_a_failing_hook_ends_the_run_with_its_status(void **state)
{
    (void)state;
    bp_network *net = example_network(2), *wanted = example_network(2);
    assert_ok(run_with_hook(wanted, NULL, 4, 0, NULL));
    bp_result result = empty_result();
    hook failing = {.act_at = 5, .factor = 1, .status = BP_ERROR_CALLBACK};
    assert_fails(run_with_hook(net, &failing, 30, 0, &result), BP_ERROR_CALLBACK, "on_gradient returned");
    assert_same_weights(net, wanted);
    assert_int_equal(result.reason, BP_STOP_FAILED);
    assert_int_equal(result.rule, 1); /* the number of rules: none fired */
    assert_int_equal(result.epochs, 0);
    assert_int_equal(result.updates, 4);
    bp_data data = example_training();
    assert_close(result.error, error_of(net, &data), 1e-12);
    bp_network_destroy(net);
    net = example_network(2);
    failing = (hook){.act_at = 5, .factor = 1, .status = BP_ERROR_FILE};
    assert_fails(run_with_hook(net, &failing, 30, 0, NULL), BP_ERROR_FILE, "on_gradient returned");
    assert_same_weights(net, wanted);
    bp_network_destroy(net);
    bp_network_destroy(wanted);
}

static void test_a_hook_that_leaves_nan_is_named(void **state)
{
    (void)state;
    const double values[] = {NAN, INFINITY, -INFINITY};
    bp_network *wanted = example_network(2);
    assert_ok(run_with_hook(wanted, NULL, 2, 0, NULL));
    for (size_t i = 0; i < COUNT(values); i++) {
        bp_network *net = example_network(2);
        hook spoiler = {.act_at = 3, .factor = 1, .first = values[i]};
        assert_fails(run_with_hook(net, &spoiler, 30, 0, NULL), BP_ERROR_NOT_FINITE, "on_gradient left");
        assert_same_weights(net, wanted);
        bp_network_destroy(net);
    }
    bp_network_destroy(wanted);
}

/* ------------------------------------------------------------------ what it is told */

/* 13 cases in batches of 4, as they stand; E of each batch with the weights before its update. */
static void test_it_is_told_of_every_batch(void **state)
{
    (void)state;
    recorder seen = {.calls = 0};
    bp_stop_rule rule = bp_stop_epochs(2), one = bp_stop_updates(1);
    bp_trainer_options options = recorded_by(&seen, &rule);
    options.batch_size = 4;
    options.shuffle = 0;
    pair both = make_pair(example_network(1), &options);
    bp_data data = example_training();
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_announced(&seen, 8, BP_STOP_EPOCHS, BP_OK);
    options.on_gradient = NULL;
    options.stop_rules = &one;
    pair twin = make_pair(example_network(1), &options);
    for (size_t i = 0; i < 8; i++) {
        const bp_gradient_batch *told = &seen.told[i];
        bp_data part = data;
        part.cases = i % 4 < 3 ? 4 : 1;
        part.inputs += i % 4 * 4 * EXAMPLE_INPUTS;
        part.targets += i % 4 * 4 * EXAMPLE_OUTPUTS;
        assert_int_equal(told->epoch, 1 + i / 4);
        assert_int_equal(told->update, 1 + i);
        assert_int_equal(told->cases, part.cases);
        assert_int_equal(told->cases_left, i % 4 < 3 ? 9 - i % 4 * 4 : 0);
        assert_int_equal(told->count, EXAMPLE_WEIGHTS);
        assert_close(told->error, error_of(twin.net, &part), TOLERANCE(1e-5, 1e-13));
        train_until(twin.trainer, &data, NULL, BP_STOP_UPDATES);
    }
    end_pair(&both);
    end_pair(&twin);
}

/* ---------------------------------------------------------------- ending the run */

/* No update is made, and the next run goes on with the same batch. */
static void test_it_may_end_the_run(void **state)
{
    (void)state;
    recorder seen = {.stop_at = 6}, passive = {.calls = 0};
    bp_stop_rule rule = bp_stop_epochs(2), third = bp_stop_epochs(3);
    bp_trainer_options options = recorded_by(&seen, &rule);
    options.batch_size = 4;
    pair both = make_pair(example_network(1), &options);
    bp_data data = example_training();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_HOOK);
    assert_int_equal(result.rule, 1);
    assert_int_equal(result.epochs, 1);
    assert_int_equal(result.updates, 5);
    assert_close(result.error, error_of(both.net, &data), 1e-12);
    assert_int_equal(seen.calls, 6); /* it is not told of an end of its own */
    assert_int_equal(seen.told[5].reason, BP_STOP_NONE);

    result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS); /* the rest of an epoch, and another */
    assert_int_equal(result.updates, 3 + 4);
    assert_int_equal(seen.told[6].update, 6);
    assert_int_equal(seen.told[6].cases_left, seen.told[5].cases_left);
    assert_true(seen.told[6].error == seen.told[5].error);
    options = recorded_by(&passive, &third);
    options.batch_size = 4;
    pair twin = make_pair(example_network(1), &options);
    train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(both.net, twin.net);
    end_pair(&both);
    end_pair(&twin);
}

/* ------------------------------------------------------------------ empty batches */

/* One weight, 0, which moves by 0.25 in each empty batch only; an epoch is 3 batches of 10 numbered cases and
 * 2 empty ones. */
static pair make_pushed(recorder *seen, const bp_stop_rule *rule, bp_reduction reduction)
{
    seen->empty = 2;
    seen->pushes = true;
    bp_trainer_options options = recorded_by(seen, rule);
    options.optimizer = bp_optimizer_gradient_descent(0.25);
    options.batch_size = 4;
    options.reduction = reduction;
    return make_pair(numbered_network(), &options);
}

/* The first `count` calls tell of whole epochs. */
static void assert_epochs_of_five(const recorder *seen, size_t count)
{
    const size_t cases[] = {4, 4, 2, 0, 0}, left[] = {6, 2, 0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const bp_gradient_batch *told = &seen->told[i];
        assert_int_equal(told->reason, BP_STOP_NONE);
        assert_int_equal(told->epoch, 1 + i / 5);
        assert_int_equal(told->update, 1 + i);
        assert_int_equal(told->cases, cases[i % 5]);
        assert_int_equal(told->cases_left, left[i % 5]);
        assert_true(told->cases > 0 || told->error == 0);
    }
    assert_true(seen->zeros);
}

static void test_the_epoch_goes_on_with_empty_batches(void **state)
{
    (void)state;
    const bp_reduction reductions[] = {BP_REDUCE_SUM, BP_REDUCE_MEAN};
    for (size_t i = 0; i < COUNT(reductions); i++) {
        recorder seen = {.calls = 0};
        bp_stop_rule rule = bp_stop_epochs(3);
        pair both = make_pushed(&seen, &rule, reductions[i]);
        bp_data data = numbered_data();
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(result.epochs, 3);
        assert_int_equal(result.updates, 15);
        assert_int_equal(seen.calls, 16);
        assert_epochs_of_five(&seen, 15);
        assert_true(bp_network_weights(both.net, NULL)[0] == (bp_real)1.5);
        end_pair(&both);
    }
}

/* Among the empty batches a limit ends the run, or the hook, and the next run goes on with the others. */
static void test_a_run_may_end_among_empty_batches(void **state)
{
    (void)state;
    for (uint64_t updates = 1; updates <= 6; updates++) {
        recorder seen = {.calls = 0};
        bp_stop_rule rule = bp_stop_updates(updates);
        pair both = make_pushed(&seen, &rule, BP_REDUCE_SUM);
        bp_data data = numbered_data();
        while (bp_network_weights(both.net, NULL)[0] < 1) {
            train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
            assert_int_equal(seen.told[--seen.calls].reason, BP_STOP_UPDATES); /* forgets the last call */
        }
        assert_true(seen.calls >= 10 && seen.calls < 10 + updates);
        assert_epochs_of_five(&seen, seen.calls);
        end_pair(&both);
    }
    for (size_t stop_at = 3; stop_at <= 6; stop_at++) {
        recorder seen = {.stop_at = stop_at};
        bp_stop_rule rule = bp_stop_epochs(2);
        pair both = make_pushed(&seen, &rule, BP_REDUCE_SUM);
        bp_data data = numbered_data();
        train_until(both.trainer, &data, NULL, BP_STOP_HOOK);
        assert_int_equal(seen.calls, stop_at);
        assert_epochs_of_five(&seen, stop_at);
        seen.calls--; /* the batch comes again */
        seen.stop_at = 0;
        seen.empty_so_far = stop_at == 5 ? 1 : 0;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_epochs_of_five(&seen, stop_at < 6 ? 10 : 15);
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_best_epoch_is_the_first_of_equals),
        cmocka_unit_test(test_the_hooks_gradient_is_the_one_that_is_used),
        cmocka_unit_test(test_a_passive_hook_changes_nothing),
        cmocka_unit_test(test_a_failing_hook_ends_the_run_with_its_status),
        cmocka_unit_test(test_a_hook_that_leaves_nan_is_named),
        cmocka_unit_test(test_it_is_told_of_every_batch),
        cmocka_unit_test(test_it_may_end_the_run),
        cmocka_unit_test(test_the_epoch_goes_on_with_empty_batches),
        cmocka_unit_test(test_a_run_may_end_among_empty_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
