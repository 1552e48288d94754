/* Trainers: creating, setting rates, resetting, restoring the best weights; memory that runs out. */
#include "train/poison.h"
#include "train/train_example.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------------- creating */

static void test_create_refuses_null_and_unfinished_networks(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_trainer *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_fails(bp_trainer_create(NULL, net, NULL), BP_ERROR_ARGUMENT, "trainer_create: out is NULL");
    assert_fails(bp_trainer_create(&out, NULL, NULL), BP_ERROR_ARGUMENT, "trainer_create: net is NULL");
    assert_fails(bp_trainer_create(&out, net, NULL), BP_ERROR_STATE, "trainer_create");
    assert_null(out);
    bp_network_destroy(net);
    bp_trainer_destroy(NULL);
}

static void test_null_trainers_are_refused(void **state)
{
    (void)state;
    bp_data data = xor_data();
    assert_fails(bp_trainer_run(NULL, &data, NULL, NULL), BP_ERROR_ARGUMENT, "trainer_run: trainer");
    assert_fails(bp_trainer_reset(NULL), BP_ERROR_ARGUMENT, "trainer_reset: trainer");
    assert_fails(bp_trainer_restore_best(NULL), BP_ERROR_ARGUMENT, "trainer_restore_best: trainer");
    assert_fails(bp_trainer_set_learning_rate(NULL, 1), BP_ERROR_ARGUMENT, "set_learning_rate: trainer");
    assert_fails(bp_trainer_set_momentum(NULL, 0), BP_ERROR_ARGUMENT, "set_momentum: trainer");
    assert_fails(bp_trainer_set_learning_rate_schedule(NULL, bp_schedule_none()), BP_ERROR_ARGUMENT,
                 "set_learning_rate_schedule: trainer");
    assert_fails(bp_trainer_set_momentum_schedule(NULL, bp_schedule_none()), BP_ERROR_ARGUMENT,
                 "set_momentum_schedule: trainer");
    assert_true(isnan(bp_trainer_learning_rate(NULL)));
    assert_true(isnan(bp_trainer_momentum(NULL)));
}

/* The caller's array of rules may be gone after the call. */
static void test_stop_rules_are_copied(void **state)
{
    (void)state;
    bp_network *net = xor_network(1);
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_with(&rule, 1);
    bp_trainer *trainer = make_trainer(net, &options);
    memset(&rule, 0xff, sizeof rule);
    bp_data data = xor_data();
    assert_int_equal(train_until(trainer, &data, NULL, BP_STOP_EPOCHS).epochs, 3);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------ rates between runs */

static void test_rates_are_read_and_set(void **state)
{
    (void)state;
    bp_network *net = xor_network(1);
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.25, 0.5);
    options.learning_rate_schedule = bp_schedule_exponential(1, 0.5, 0.1);
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data data = xor_data();
    assert_true(bp_trainer_learning_rate(trainer) == 1);
    assert_true(bp_trainer_momentum(trainer) == 0.5);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(trainer) == 0.5);
    /* a set value replaces the schedule */
    assert_ok(bp_trainer_set_learning_rate(trainer, 0.75));
    assert_true(bp_trainer_learning_rate(trainer) == 0.75);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(trainer) == 0.75);
    /* a schedule counts epochs from the creation */
    assert_ok(bp_trainer_set_momentum_schedule(trainer, bp_schedule_switch(0.125, 3, 0.875)));
    assert_true(bp_trainer_momentum(trainer) == 0.125);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_momentum(trainer) == 0.875);
    assert_ok(bp_trainer_set_momentum(trainer, 0));
    assert_true(bp_trainer_momentum(trainer) == 0);
    /* without a schedule it is the optimizer's own value again, as last set */
    assert_ok(bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_constant(2)));
    assert_true(bp_trainer_learning_rate(trainer) == 2);
    assert_ok(bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_none()));
    assert_true(bp_trainer_learning_rate(trainer) == 0.75);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_wrong_rates_change_nothing(void **state)
{
    (void)state;
    bp_network *net = xor_network(1);
    bp_trainer *trainer = make_trainer(net, NULL);
    const double bad[] = {-1, -0.0001, INFINITY, -INFINITY, NAN, 1e308 * 10};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bp_status wanted = isfinite(bad[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE;
        assert_fails(bp_trainer_set_learning_rate(trainer, bad[i]), wanted,
                     "trainer_set_learning_rate: learning_rate is ");
        assert_fails(bp_trainer_set_momentum(trainer, bad[i]), wanted, "trainer_set_momentum: momentum is ");
        assert_fails(bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_constant(bad[i])), wanted,
                     "trainer_set_learning_rate_schedule: schedule: value is ");
        assert_fails(bp_trainer_set_momentum_schedule(trainer, bp_schedule_constant(bad[i])), wanted,
                     "trainer_set_momentum_schedule: schedule: value is ");
    }
    assert_fails(bp_trainer_set_learning_rate(trainer, 0), BP_ERROR_ARGUMENT, "learning_rate is 0");
    assert_fails(bp_trainer_set_momentum(trainer, 1), BP_ERROR_ARGUMENT, "momentum is 1");
    bp_schedule none = {0};
    assert_fails(bp_trainer_set_momentum_schedule(trainer, none), BP_ERROR_ARGUMENT,
                 "schedule: invalid schedule kind 0; create it with a bp_schedule_* function");
    assert_true(bp_trainer_learning_rate(trainer) == 0); /* not found yet */
    assert_true(bp_trainer_momentum(trainer) == 0.9);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* --------------------------------------------------------------- reset, restore_best */

/* After a reset and with the old weights back, everything happens again, to the bit. */
static void test_reset_makes_the_trainer_as_new(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_updates(450), bp_stop_diminishing_returns(3, 1e-9),
                            bp_stop_early(100, 0)};
    bp_trainer_options options = options_with(rules, 3);
    options.batch_size = 4;
    options.learning_rate_schedule = bp_schedule_exponential(0.5, 0.9, 0.01);
    bp_network *net = example_network(3), *start = example_network(3), *after = NULL;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data training = example_training(), validation = example_validation();
    bp_result first = train_until(trainer, &training, &validation, BP_STOP_DIMINISHING_RETURNS);
    assert_ok(bp_network_copy(&after, net));

    assert_ok(bp_trainer_reset(trainer));
    assert_same_weights(net, after);
    assert_true(bp_trainer_learning_rate(trainer) == 0.5);
    assert_fails(bp_trainer_restore_best(trainer), BP_ERROR_STATE, "trainer_restore_best");
    assert_ok(bp_network_set_weights(net, bp_network_weights(start, NULL), EXAMPLE_WEIGHTS));
    bp_result second = train_until(trainer, &training, &validation, BP_STOP_DIMINISHING_RETURNS);
    assert_same_weights(net, after);
    assert_int_equal(first.epochs, second.epochs);
    assert_int_equal(first.best_epoch, second.best_epoch);
    assert_true(first.error == second.error && first.validation_error == second.validation_error);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_network_destroy(start);
    bp_network_destroy(after);
}

/* The lowest validation error that the callback was given, and the weights of that epoch. */
typedef struct witness {
    const bp_network *net;
    double lowest;
    size_t epoch;
    bp_real weights[EXAMPLE_WEIGHTS];
} witness;

static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    witness *seen = context;
    if (seen->epoch == 0 || progress->validation_error < seen->lowest) {
        seen->lowest = progress->validation_error;
        seen->epoch = progress->epoch;
        memcpy(seen->weights, bp_network_weights(seen->net, NULL), sizeof seen->weights);
    }
    return 0;
}

static void test_restore_best_puts_back_the_best_epochs_weights(void **state)
{
    (void)state;
    bp_network *net = example_network(3);
    witness seen = {.net = net};
    bp_stop_rule rule = bp_stop_epochs(200);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.on_epoch = watch;
    options.on_epoch_context = &seen;
    bp_trainer *trainer = make_trainer(net, &options);
    assert_fails(bp_trainer_restore_best(trainer), BP_ERROR_STATE, "no epoch");
    bp_data training = example_training(), validation = example_validation();
    bp_result result = train_until(trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_int_equal(result.best_epoch, seen.epoch);
    assert_true(seen.epoch < 200); /* it does overfit, so there is something to restore */
    assert_memory_not_equal(bp_network_weights(net, NULL), seen.weights, sizeof seen.weights);
    assert_ok(bp_trainer_restore_best(trainer));
    assert_memory_equal(bp_network_weights(net, NULL), seen.weights, sizeof seen.weights);
    assert_close(error_of(net, &validation) / EXAMPLE_OTHERS, seen.lowest, 1e-12);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* Training from the restored weights is as with a new trainer: the optimizer's state was cleared. */
static void test_restore_best_clears_the_optimizers_state(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(200);
    bp_trainer_options options = options_with(&rule, 1);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    pair both = make_pair(example_network(3), &options);
    bp_data training = example_training(), validation = example_validation();
    train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_ok(bp_trainer_restore_best(both.trainer));
    bp_network *copy = NULL;
    assert_ok(bp_network_copy(&copy, both.net));
    pair fresh = make_pair(copy, &options);
    train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    train_until(fresh.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_same_weights(both.net, fresh.net);
    end_pair(&both);
    end_pair(&fresh);
}

/* ------------------------------------------------------------------------- memory */

/* A network, its trainer, and two runs that make every allocation. */
static bp_status train_with_memory(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_stop_rule rules[] = {bp_stop_epochs(2), bp_stop_diminishing_returns(4, 1e-9)};
    bp_trainer_options options = options_with(rules, 2);
    options.batch_size = 1;
    bp_data training = example_training(), validation = example_validation(), part = training;
    part.cases = 5;
    bp_status status = example_network_create(&net, allocator, 1);
    if (status == BP_OK)
        status = bp_trainer_create(&trainer, net, &options);
    if (status == BP_OK)
        status = bp_trainer_run(trainer, &part, NULL, NULL);
    if (status == BP_OK)
        status = bp_trainer_run(trainer, &training, &validation, NULL);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(train_with_memory, NULL);
}

/* A run that fails without memory leaves the weights as they were, and succeeds when there is memory again.
 */
static void test_a_run_without_memory_can_be_repeated(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    bp_data training = example_training(), validation = example_validation();
    bp_network *wanted = example_network(1);
    bp_trainer *plain = make_trainer(wanted, &options);
    train_until(plain, &training, &validation, BP_STOP_EPOCHS);
    for (size_t nth = 0; nth < 3; nth++) {
        test_memory memory;
        bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
        bp_network *net = NULL, *start = example_network(1);
        assert_ok(example_network_create(&net, &allocator, 1));
        bp_trainer *trainer = make_trainer(net, &options);
        memory.fail_at = memory.calls + nth;
        bp_result result = empty_result(), untouched = result;
        assert_fails(bp_trainer_run(trainer, &training, &validation, &result), BP_ERROR_MEMORY, "memory");
        assert_memory_equal(&result, &untouched, sizeof result);
        assert_same_weights(net, start);
        assert_ok(bp_trainer_run(trainer, &training, &validation, &result));
        assert_same_weights(net, wanted);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
        bp_network_destroy(start);
        assert_int_equal(memory.live, 0);
    }
    bp_trainer_destroy(plain);
    bp_network_destroy(wanted);
}

/* A run of 5 cases that stops within an epoch; a run of more that fails at its nth allocation; the first
 * again.
 */
static void assert_failed_run_changes_nothing(const bp_network *wanted, size_t nth, bool *succeeded)
{
    poison memory;
    bp_allocator allocator = poison_allocator(&memory);
    bp_stop_rule rule = bp_stop_updates(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    bp_data many = example_training(), few = many;
    few.cases = 5;
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    bp_trainer *trainer = make_trainer(net, &options);
    train_until(trainer, &few, NULL, BP_STOP_UPDATES);
    memory.fail_at = memory.calls + nth;
    *succeeded = bp_trainer_run(trainer, &many, &many, NULL) == BP_OK;
    memory.fail_at = SIZE_MAX;
    if (!*succeeded) {
        for (int i = 0; i < 3; i++)
            train_until(trainer, &few, NULL, BP_STOP_UPDATES);
        assert_same_weights(net, wanted);
    }
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    poison_end(&memory);
}

/* The order of the cases and the epoch in progress are as before, whichever allocation fails. */
static void test_a_run_without_memory_keeps_the_order(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_updates(2);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    bp_data few = example_training();
    few.cases = 5;
    pair twin = make_pair(example_network(1), &options);
    for (int i = 0; i < 4; i++)
        train_until(twin.trainer, &few, NULL, BP_STOP_UPDATES);
    bool succeeded = false;
    size_t failures = 0;
    for (; !succeeded; failures += !succeeded)
        assert_failed_run_changes_nothing(twin.net, failures, &succeeded);
    assert_in_range(failures, 3, 100); /* best weights, order, workspace */
    end_pair(&twin);
}

/* Later runs with data of the same size allocate nothing. */
static void test_later_runs_allocate_nothing(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    bp_stop_rule rules[] = {bp_stop_epochs(5), bp_stop_early(9, 0)};
    bp_trainer_options options = options_with(rules, 2);
    options.batch_size = 3;
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data training = example_training(), validation = example_validation();
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, &training, &validation, &result));
    size_t calls = memory.calls;
    memory.fail_at = calls;
    memory.sticky = 1;
    for (int i = 0; i < 3; i++)
        assert_ok(bp_trainer_run(trainer, &training, &validation, &result));
    assert_int_equal(memory.calls, calls);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

/* It is 1 whatever its weights are: E has no derivative to learn by. */
static void test_a_softmax_unit_alone_is_refused(void **state)
{
    (void)state;
    const size_t one[] = {2, 3, 1}, two[] = {2, 3, 2};
    const bp_loss losses[] = {bp_loss_squared_error(), bp_loss_cross_entropy()};
    for (size_t i = 0; i < 2; i++) {
        bp_network *net = NULL;
        bp_trainer *trainer = NULL;
        bp_trainer_options options;
        bp_trainer_options_1986(&options, sizeof options);
        options.optimizer = bp_optimizer_momentum(0.1, 0.9);
        options.loss = losses[i];
        assert_ok(bp_network_create_layered(&net, one, 3, bp_activation_tanh(), bp_activation_softmax()));
        assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED,
                     "output layer 'output' is softmax of a single unit");
        assert_null(trainer);
        bp_network_destroy(net);
        assert_ok(bp_network_create_layered(&net, two, 3, bp_activation_softmax(), bp_activation_softmax()));
        assert_ok(bp_trainer_create(&trainer, net, &options));
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_refuses_null_and_unfinished_networks),
        cmocka_unit_test(test_null_trainers_are_refused),
        cmocka_unit_test(test_stop_rules_are_copied),
        cmocka_unit_test(test_rates_are_read_and_set),
        cmocka_unit_test(test_wrong_rates_change_nothing),
        cmocka_unit_test(test_reset_makes_the_trainer_as_new),
        cmocka_unit_test(test_restore_best_puts_back_the_best_epochs_weights),
        cmocka_unit_test(test_restore_best_clears_the_optimizers_state),
        cmocka_unit_test(test_a_softmax_unit_alone_is_refused),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_a_run_without_memory_can_be_repeated),
        cmocka_unit_test(test_a_run_without_memory_keeps_the_order),
        cmocka_unit_test(test_later_runs_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
