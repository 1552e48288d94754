/* The history: E of every epoch. */
#include "train/poison.h"
#include "train/train_example.h"

#include <math.h>

enum { MOST = 100 };

/* The errors that the callback was given. */
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

/* Over several runs, some of which end within an epoch; again from the start after a reset. */
static void test_every_epoch_is_kept(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_updates(5); /* 4 updates per epoch */
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

/* With one update per epoch, each entry is E before the update: the first is E of the initial weights. */
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

static void test_nothing_without_the_option(void **state)
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

/* An epoch that diverged is not in it. */
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

/* Without memory the run ends, with every finished epoch in the history; the next run continues. */
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

/* Every pointer that a callback has been given, and how many entries it had. */
typedef struct collection {
    const double *histories[MOST];
    size_t epochs;
} collection;

static int collect(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    collection *all = context;
    size_t count;
    all->histories[all->epochs] = bp_trainer_history(trainer, &count);
    all->epochs = progress->epoch;
    assert_int_equal(count, all->epochs);
    const double *now = all->histories[all->epochs - 1];
    for (size_t i = 0; i < all->epochs; i++)
        assert_memory_equal(all->histories[i], now, (i + 1) * sizeof *now);
    return 0;
}

/* A pointer taken in a callback is good until the run ends, though the history grows several times. */
static void test_pointers_stay_valid_while_the_run_goes_on(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(MOST);
    collection all = {.epochs = 0};
    bp_trainer_options options = recording(&rule);
    options.on_epoch = collect;
    options.on_epoch_context = &all;
    bp_data data = example_training();
    poison memory;
    bp_allocator allocator = poison_allocator(&memory);
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    pair both = make_pair(net, &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(all.epochs, MOST);
    for (size_t i = 0; i < MOST; i++) /* after the run, too */
        assert_memory_equal(all.histories[i], all.histories[MOST - 1], (i + 1) * sizeof(double));
    end_pair(&both);
    poison_end(&memory);
}

static int deny_memory_after_4(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    poison *memory = context;
    if (progress->epoch == 4)
        memory->fail_at = 0;
    return 0;
}

/* The history's first growth, after 4 epochs, fails: 4 epochs are done, and the result says so. A run that
 * finds no memory for its first epoch does nothing. Then training goes on as if nothing had happened. */
static void test_a_failure_within_the_run_fills_the_result(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(8);
    poison memory;
    bp_allocator allocator = poison_allocator(&memory);
    bp_trainer_options options = recording(&rule);
    pair twin = make_pair(example_network(1), &options);
    options.on_epoch = deny_memory_after_4;
    options.on_epoch_context = &memory;
    bp_data data = example_training();
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    pair both = make_pair(net, &options);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_ERROR_MEMORY, "history of 5 epochs");
    memory.fail_at = SIZE_MAX;
    assert_int_equal(result.reason, BP_STOP_FAILED);
    assert_int_equal(result.epochs, 4);
    assert_int_equal(result.updates, 16);
    assert_int_equal(result.rule, 1);
    assert_close(result.error, error_of(net, &data), 1e-12);

    bp_result untouched = empty_result();
    bp_network *before = NULL;
    result = empty_result();
    assert_ok(bp_network_copy(&before, net));
    memory.fail_at = 0;
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_ERROR_MEMORY, "history of 5 epochs");
    assert_memory_equal(&result, &untouched, sizeof result);
    assert_same_weights(net, before);
    bp_network_destroy(before);

    memory.fail_at = SIZE_MAX;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(twin.trainer, &data, NULL, BP_STOP_EPOCHS);
    size_t count, twins;
    const double *history = bp_trainer_history(both.trainer, &count);
    const double *wanted = bp_trainer_history(twin.trainer, &twins);
    assert_int_equal(count, 4 + 8);
    assert_memory_equal(history, wanted, twins * sizeof *wanted);
    end_pair(&both);
    end_pair(&twin);
    poison_end(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_epoch_is_kept),
        cmocka_unit_test(test_entries_are_errors),
        cmocka_unit_test(test_nothing_without_the_option),
        cmocka_unit_test(test_divergence_leaves_no_entry),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_pointers_stay_valid_while_the_run_goes_on),
        cmocka_unit_test(test_a_failure_within_the_run_fills_the_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
