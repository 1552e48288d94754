/* Several starts and the caller's functions: callbacks that see, change and end starts; the allocator. */
#include <string.h>

#include "train/starts_example.h"

enum { STARTS = 8, EPOCHS = 6 };

/* What a callback saw and what it is to do. It needs no lock of its own: ThreadSanitizer would notice. */
typedef struct observer {
    size_t calls[STARTS];
    size_t inside; /* calls in progress */
    size_t findings[STARTS];
    char rate[STARTS][256]; /* the finding of the learning rate in words */
    bp_trainer *trainers[STARTS];

    size_t start, epoch; /* where it acts; STARTS: in all */
    int stops, requests, changes, resets;
} observer;

static void note_findings(observer *seen, size_t start, const bp_trainer *trainer)
{
    seen->findings[start] = bp_trainer_finding_count(trainer);
    for (size_t i = 0; i < seen->findings[start]; i++) {
        bp_finding finding;
        bp_finding_init(&finding, sizeof finding);
        assert_ok(bp_trainer_finding(trainer, i, &finding));
        if (finding.kind == BP_FINDING_LEARNING_RATE)
            assert_ok(bp_finding_text(&finding, seen->rate[start], sizeof seen->rate[start], NULL));
    }
}

static int observe(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    observer *seen = context;
    const size_t start = progress->start;
    assert_int_equal(seen->inside++, 0);
    assert_true(progress->size >= sizeof *progress);
    assert_int_equal(progress->start_count, STARTS);
    assert_true(start < STARTS);
    assert_int_equal(progress->epoch, ++seen->calls[start]);
    assert_true(seen->trainers[start] == NULL || seen->trainers[start] == trainer);
    seen->trainers[start] = trainer;
    assert_null(bp_trainer_history(trainer, NULL));
    note_findings(seen, start, trainer);
    int stop = 0;
    if ((seen->start == start || seen->start == STARTS) && progress->epoch >= seen->epoch) {
        stop = seen->stops;
        if (seen->requests)
            bp_trainer_request_stop(trainer);
        if (seen->changes)
            assert_ok(bp_trainer_set_learning_rate(trainer, 0.3));
        if (seen->resets)
            assert_ok(bp_trainer_reset(trainer));
    }
    seen->inside--;
    return stop;
}

static bp_trainer_options observed_options(const bp_stop_rule *rule, observer *seen)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = rule;
    options.stop_rule_count = 1;
    options.keep_history = 1;
    options.on_epoch = seen == NULL ? NULL : observe;
    options.on_epoch_context = seen;
    return options;
}

static outcome train_observed(observer *seen, size_t threads)
{
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    const bp_trainer_options options = observed_options(&rule, seen);
    const bp_starts_options starts = starts_with(STARTS, threads, 1);
    outcome found;
    train_from_starts(&found, example_network(1), &options, &data, NULL, &starts);
    return found;
}

/* ---------------------------------------------------------------------- callbacks */

static void test_a_callback_sees_every_start(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 3; threads++) {
        observer seen = {.epoch = SIZE_MAX};
        outcome found = train_observed(&seen, threads), unobserved = train_observed(NULL, threads);
        for (size_t i = 0; i < STARTS; i++) {
            assert_int_equal(seen.calls[i], EPOCHS);
            assert_true(seen.findings[i] > 1);
            assert_int_equal(seen.findings[i], seen.findings[0]);
            assert_true(strlen(seen.rate[0]) > 0);
            assert_string_equal(seen.rate[i], seen.rate[0]);
        }
        assert_same_outcome(&found, &unobserved);
        end_outcome(&found);
        end_outcome(&unobserved);
    }
}

/* Only start 2 ends, and the rest are as they would be without. */
static void assert_only_one_ends(observer *seen, bp_stop_reason reason)
{
    outcome unobserved = train_observed(NULL, 1);
    for (size_t threads = 1; threads <= 3; threads++) {
        observer fresh = *seen;
        outcome found = train_observed(&fresh, threads);
        for (size_t i = 0; i < STARTS; i++) {
            assert_int_equal(found.results[i].status, BP_OK);
            assert_int_equal(found.results[i].reason, i == seen->start ? reason : BP_STOP_EPOCHS);
            assert_int_equal(found.results[i].epochs, i == seen->start ? seen->epoch : EPOCHS);
            assert_true(same_weights(found.networks[i], unobserved.networks[i]) == (i != seen->start));
        }
        end_outcome(&found);
    }
    end_outcome(&unobserved);
}

static void test_a_callback_ends_its_own_start(void **state)
{
    (void)state;
    assert_only_one_ends(&(observer){.start = 2, .epoch = 3, .stops = 1}, BP_STOP_CALLBACK);
}

static void test_a_request_ends_its_own_start(void **state)
{
    (void)state;
    assert_only_one_ends(&(observer){.start = 2, .epoch = 4, .requests = 1}, BP_STOP_REQUESTED);
}

static void test_a_callback_can_end_all_starts(void **state)
{
    (void)state;
    observer seen = {.start = STARTS, .epoch = 1, .stops = 1};
    outcome found = train_observed(&seen, 2);
    for (size_t i = 0; i < STARTS; i++) {
        assert_int_equal(found.results[i].epochs, 1);
        assert_int_equal(found.results[i].reason, BP_STOP_CALLBACK);
    }
    assert_same_weights(found.net, found.networks[found.summary.best]);
    end_outcome(&found);
}

/* A learning rate that the callback sets is that of its start alone. */
static void test_changes_last_for_their_start(void **state)
{
    (void)state;
    outcome unobserved = train_observed(NULL, 1);
    for (size_t threads = 1; threads <= 2; threads++) {
        observer seen = {.start = 0, .epoch = 1, .changes = 1};
        outcome found = train_observed(&seen, threads);
        for (size_t i = 0; i < STARTS; i++)
            assert_true(same_weights(found.networks[i], unobserved.networks[i]) == (i != 0));
        end_outcome(&found);
    }
    end_outcome(&unobserved);
}

/* The first start that fails is named, whatever the threads. */
static void test_a_reset_fails(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    bp_network *net = example_network(1), *before = NULL;
    assert_ok(bp_network_copy(&before, net));
    for (size_t threads = 1; threads <= 4; threads++) {
        observer seen = {.start = STARTS, .epoch = EPOCHS - 1, .resets = 1};
        const bp_trainer_options options = observed_options(&rule, &seen);
        const bp_starts_options starts = starts_with(STARTS, threads, 1);
        assert_fails(bp_train_starts(net, &options, &data, NULL, &starts, NULL, NULL, NULL), BP_ERROR_STATE,
                     "bp_train_starts: start 0: bp_trainer_run: bp_trainer_reset was called");
        assert_same_weights(net, before);
    }
    bp_network_destroy(net);
    bp_network_destroy(before);
}

static int see_an_ordinary_run(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(size_t *)context += progress->start == 0 && progress->start_count == 1;
    return 0;
}

static void test_an_ordinary_run_is_one_start(void **state)
{
    (void)state;
    size_t calls = 0;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = see_an_ordinary_run;
    options.on_epoch_context = &calls;
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(calls, 3);
    end_pair(&both);
}

/* ---------------------------------------------------------------------- allocator */

static void test_the_allocator_is_called_by_the_calling_thread(void **state)
{
    (void)state;
    test_own_memory own;
    const bp_allocator allocator = test_own_allocator(&own);
    const bp_data training = example_training(), validation = example_validation();
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.keep_history = 1;
    for (size_t batch = 0; batch < 4; batch += 1 + batch) {
        options.batch_size = batch == 3 ? BP_BATCH_AUTO : batch;
        bp_network *net = NULL;
        assert_ok(example_network_create(&net, &allocator, 1));
        outcome found;
        const bp_starts_options starts = starts_with(12, 3, 1);
        train_from_starts(&found, net, &options, &training, &validation, &starts);
        end_outcome(&found);
        assert_int_equal(own.memory.live, 0);
    }
}

/* A schedule that the callback sets needs memory of its own, which is there already. */
static int set_bold_driver(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    if (progress->epoch == 2)
        assert_ok(bp_trainer_set_learning_rate_schedule(trainer, bp_schedule_bold_driver(0.1, 1.1, 0.5)));
    return 0;
}

static void test_a_callback_sets_a_schedule(void **state)
{
    (void)state;
    test_own_memory own;
    const bp_allocator allocator = test_own_allocator(&own);
    const bp_data training = example_training();
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    bp_trainer_options options = observed_options(&rule, NULL);
    options.on_epoch = set_bold_driver;
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, &allocator, 1));
    outcome found;
    const bp_starts_options starts = starts_with(12, 3, 1);
    train_from_starts(&found, net, &options, &training, NULL, &starts);
    end_outcome(&found);
    assert_int_equal(own.memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_callback_sees_every_start),
        cmocka_unit_test(test_a_callback_ends_its_own_start),
        cmocka_unit_test(test_a_request_ends_its_own_start),
        cmocka_unit_test(test_a_callback_can_end_all_starts),
        cmocka_unit_test(test_changes_last_for_their_start),
        cmocka_unit_test(test_a_reset_fails),
        cmocka_unit_test(test_an_ordinary_run_is_one_start),
        cmocka_unit_test(test_the_allocator_is_called_by_the_calling_thread),
        cmocka_unit_test(test_a_callback_sets_a_schedule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
