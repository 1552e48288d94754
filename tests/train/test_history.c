/* The record of every epoch's error. */
#include "train/train_example.h"

#include <math.h>

enum { MOST = 100 };

/* What the callback was told, and what the history was then. */
typedef struct told {
    double errors[MOST];
    size_t count;
} told;

static int listen(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    told *all = context;
    size_t count;
    const double *history = bp_trainer_history(trainer, &count);
    all->errors[all->count++] = progress->error;
    assert_int_equal(count, progress->epoch);
    assert_true(history[count - 1] == progress->error);
    return 0;
}

static bp_trainer_options recording(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.keep_history = 1;
    options.batch_size = 4;
    return options;
}

static void assert_history(const bp_trainer *trainer, const told *all)
{
    size_t count = 77;
    const double *history = bp_trainer_history(trainer, &count);
    assert_int_equal(count, all->count);
    for (size_t i = 0; i < count; i++)
        assert_true(history[i] == all->errors[i]);
}

/* Over several runs, some of which end within an epoch; and anew after a reset. */
static void test_every_epoch_is_kept(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_updates(5); /* 4 changes an epoch */
    told all = {.count = 0};
    bp_trainer_options options = recording(&rule);
    options.on_epoch = listen;
    options.on_epoch_context = &all;
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    for (int run = 0; run < 20; run++)
        train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    assert_int_equal(all.count, 25);
    assert_history(both.trainer, &all);
    assert_ok(bp_trainer_reset(both.trainer));
    all.count = 0;
    assert_null(bp_trainer_history(both.trainer, NULL));
    for (int run = 0; run < 4; run++)
        train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    assert_int_equal(all.count, 5);
    assert_history(both.trainer, &all);
    end_pair(&both);
}

/* With one change a sweep, the entries are E before each change: the first is that of the start weights. */
static void test_entries_are_errors(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = recording(&rule);
    options.batch_size = 0;
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    double errors[3];
    for (int i = 0; i < 3; i++) {
        errors[i] = error_of(both.net, &data);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    }
    size_t count;
    const double *history = bp_trainer_history(both.trainer, &count);
    assert_int_equal(count, 3);
    for (int i = 0; i < 3; i++)
        assert_close(history[i], errors[i], TOLERANCE(1e-6, 1e-14));
    end_pair(&both);
}

static void test_nothing_unless_asked(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = recording(&rule);
    bp_data data = example_training();
    size_t count = 77;
    pair both = make_pair(example_network(1), &options);
    assert_null(bp_trainer_history(both.trainer, &count)); /* no epoch yet */
    assert_int_equal(count, 0);
    end_pair(&both);

    options.keep_history = 0;
    both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    count = 77;
    assert_null(bp_trainer_history(both.trainer, &count));
    assert_int_equal(count, 0);
    end_pair(&both);
    assert_null(bp_trainer_history(NULL, &count));
}

/* An epoch that was undone is not in it. */
static void test_divergence_leaves_no_entry(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1000);
    bp_trainer_options options = recording(&rule);
    options.optimizer = bp_optimizer_gradient_descent(1e6);
    const size_t units[] = {EXAMPLE_INPUTS, EXAMPLE_OUTPUTS};
    bp_data data = example_training();
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    pair both = make_pair(net, &options);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_DIVERGED, "");
    size_t count;
    const double *history = bp_trainer_history(both.trainer, &count);
    assert_int_equal(count, result.epochs);
    for (size_t i = 0; i < count; i++)
        assert_true(isfinite(history[i]));
    end_pair(&both);
}

/* Where memory ends, so does the run, with every finished epoch in the history; the next one goes on. */
static void test_memory_that_runs_out(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = recording(&rule);
    bp_data data = example_training();
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    pair both = make_pair(net, &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    memory.fail_at = memory.calls; /* the next allocation, wherever the history asks for it */
    size_t failures = 0, count = 2;
    for (int run = 0; run < 20; run++) {
        size_t before = count;
        bp_status status = bp_trainer_run(both.trainer, &data, NULL, NULL);
        bp_trainer_history(both.trainer, &count);
        if (status == BP_OK) {
            assert_int_equal(count, before + 2);
            continue;
        }
        assert_fails(status, BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the history of ");
        assert_in_range(count, before, before + 1);
        failures++;
        memory.fail_at = memory.calls;
    }
    assert_in_range(failures, 3, 19);
    end_pair(&both);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_epoch_is_kept),  cmocka_unit_test(test_entries_are_errors),
        cmocka_unit_test(test_nothing_unless_asked), cmocka_unit_test(test_divergence_leaves_no_entry),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
