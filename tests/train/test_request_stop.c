/* bp_trainer_request_stop: before a run, and during one by a callback, a hook, a thread and a signal. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "train/gradient_recorder.h"

/* Far more than any of these runs should take. */
static bp_stop_rule far_away(void)
{
    return bp_stop_seconds(60);
}

static pair make_endless(size_t batch_size, bp_epoch_callback callback, void *context)
{
    bp_stop_rule rule = far_away();
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = batch_size;
    options.optimizer = bp_optimizer_momentum(1e-4, 0);
    options.on_epoch = callback;
    options.on_epoch_context = context;
    return make_pair(example_network(1), &options);
}

static void assert_no_rule(const bp_result *result)
{
    assert_int_equal(result->rule, 1); /* the number of rules */
}

/* The run ends after its first update; the next one knows nothing of it. */
static void test_before_a_run(void **state)
{
    (void)state;
    bp_data data = example_training();
    const size_t batches[] = {0, 1, 4};
    for (size_t i = 0; i < 3; i++) {
        bp_stop_rule rule = bp_stop_epochs(5);
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = batches[i];
        pair both = make_pair(example_network(1), &options);
        bp_trainer_request_stop(both.trainer);
        bp_trainer_request_stop(both.trainer); /* two are one */
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_int_equal(result.updates, 1);
        assert_no_rule(&result);
        assert_int_equal(train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS).epochs, 5);
        end_pair(&both);
    }
    bp_trainer_request_stop(NULL);
}

static void test_a_reset_forgets_it(void **state)
{
    (void)state;
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_epochs(2);
    pair both = make_pair_with_rules(example_network(1), &rule, 1);
    bp_trainer_request_stop(both.trainer);
    assert_ok(bp_trainer_reset(both.trainer));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

/* A run that is refused makes no update, so the request waits for the next. */
static void test_a_refused_run_keeps_it(void **state)
{
    (void)state;
    bp_data data = example_training(), wrong = example_training();
    wrong.input_width = 2;
    bp_stop_rule rule = bp_stop_epochs(2);
    pair both = make_pair_with_rules(example_network(1), &rule, 1);
    bp_trainer_request_stop(both.trainer);
    assert_fails(bp_trainer_run(both.trainer, &wrong, NULL, NULL), BP_ERROR_SIZE, "training");
    train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
    end_pair(&both);
}

static int request_in_epoch_3(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    if (progress->epoch == 3)
        bp_trainer_request_stop(trainer);
    return 0;
}

static void test_from_the_callback(void **state)
{
    (void)state;
    const size_t batches[] = {0, 1, 4};
    bp_data data = example_training();
    for (size_t i = 0; i < 3; i++) {
        pair both = make_endless(batches[i], request_in_epoch_3, NULL);
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_int_equal(result.epochs, 3);
        assert_no_rule(&result);
        end_pair(&both);
    }
}

/* A rule fires at the same epoch: the request is heard all the same, and does not end the next run. */
static void test_where_a_rule_fires_too(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {bp_stop_epochs(3), bp_stop_updates(12)};
    bp_data data = example_training();
    for (size_t i = 0; i < 2; i++) {
        bp_trainer_options options = options_with(&rules[i], 1);
        options.batch_size = 4;
        options.on_epoch = request_in_epoch_3;
        pair both = make_pair(example_network(1), &options);
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_int_equal(result.epochs, 3);
        assert_no_rule(&result);
        assert_int_equal(train_until(both.trainer, &data, NULL, (bp_stop_reason)rules[i].kind).updates, 12);
        end_pair(&both);
    }
}

/* The best weights are handed back as after any run, and the next one goes on. */
static void test_the_best_weights_are_handed_back(void **state)
{
    (void)state;
    bp_data data = example_training(), validation = example_validation();
    bp_stop_rule rule = bp_stop_epochs(6);
    bp_trainer_options options = options_with(&rule, 1);
    options.keep_best = 1;
    pair whole = make_pair(example_network(1), &options);
    train_until(whole.trainer, &data, &validation, BP_STOP_EPOCHS);
    options.on_epoch = request_in_epoch_3;
    bp_stop_rule rest = bp_stop_epochs(3);
    options.stop_rules = &rest;
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, &validation, BP_STOP_REQUESTED);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_same_weights(both.net, whole.net);
    end_pair(&whole);
    end_pair(&both);
}

/* ------------------------------------------------------------------------- the gradient hook */

typedef struct asker {
    recorder told;
    bp_trainer *trainer;
} asker;

static bp_status ask_in_update_5(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    asker *self = context;
    if (batch->update == 5 && batch->reason == BP_STOP_NONE)
        bp_trainer_request_stop(self->trainer);
    return record(&self->told, batch, reply);
}

/* The update is still made; the last call hears why the run ended. */
static void test_the_hook_hears_it(void **state)
{
    (void)state;
    asker self = {.told = {.zeros = true}};
    bp_stop_rule rule = far_away();
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 4;
    options.on_gradient = ask_in_update_5;
    options.on_gradient_context = &self;
    pair both = make_pair(example_network(1), &options);
    self.trainer = both.trainer;
    bp_data data = example_training();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
    assert_int_equal(result.updates, 5);
    assert_announced(&self.told, 5, BP_STOP_REQUESTED, BP_OK);
    end_pair(&both);
}

/* ------------------------------------------------------------------------ from elsewhere */

static atomic_int has_begun;

static int tell_that_it_began(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer, (void)progress;
    atomic_store(&has_begun, 1);
    return 0;
}

static void wait_for_the_run(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    while (!atomic_load(&has_begun))
        nanosleep(&moment, NULL);
}

static void *request_later(void *trainer)
{
    wait_for_the_run();
    bp_trainer_request_stop(trainer);
    return NULL;
}

static void test_from_another_thread(void **state)
{
    (void)state;
    const size_t batches[] = {0, 1, 4};
    bp_data data = example_training();
    for (size_t i = 0; i < 3; i++) {
        pair both = make_endless(batches[i], tell_that_it_began, NULL);
        pthread_t thread;
        atomic_store(&has_begun, 0);
        assert_int_equal(pthread_create(&thread, NULL, request_later, both.trainer), 0);
        train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_int_equal(pthread_join(thread, NULL), 0);
        end_pair(&both);
    }
}

static bp_trainer *signalled;

static void request_by_signal(int number)
{
    (void)number;
    bp_trainer_request_stop(signalled);
}

static void *raise_later(void *context)
{
    wait_for_the_run();
    pthread_kill(*(const pthread_t *)context, SIGUSR1);
    return NULL;
}

static void test_from_a_signal_handler(void **state)
{
    (void)state;
    bp_data data = example_training();
    pair both = make_endless(1, tell_that_it_began, NULL);
    pthread_t thread, self = pthread_self();
    struct sigaction action = {.sa_handler = request_by_signal}, before;
    sigemptyset(&action.sa_mask);
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    signalled = both.trainer;
    atomic_store(&has_begun, 0);
    assert_int_equal(pthread_create(&thread, NULL, raise_later, &self), 0);
    train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    end_pair(&both);
}

/* An epoch of online training may be long: 2^24 updated weights at most until the request is noticed. */
static void test_within_a_long_epoch(void **state)
{
    (void)state;
    enum { CASES = 40000, WIDTH = 1000 }; /* 4e7 weights an epoch */
    const size_t units[] = {WIDTH, 1};
    bp_network *net = NULL;
    bp_real *inputs = calloc(CASES + WIDTH, sizeof *inputs), *targets = calloc(CASES, sizeof *targets);
    assert_true(inputs != NULL && targets != NULL);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.shuffle = 0;
    pair both = make_pair(net, &options);
    bp_data data = bp_data_view(CASES, inputs, WIDTH, targets, 1);
    data.input_stride = 1;
    bp_trainer_request_stop(both.trainer);
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
    assert_true(result.updates > 0 && result.updates * (WIDTH + 1) <= (uint64_t)1 << 24);
    end_pair(&both);
    free(inputs);
    free(targets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_a_run),
        cmocka_unit_test(test_a_reset_forgets_it),
        cmocka_unit_test(test_a_refused_run_keeps_it),
        cmocka_unit_test(test_from_the_callback),
        cmocka_unit_test(test_where_a_rule_fires_too),
        cmocka_unit_test(test_the_best_weights_are_handed_back),
        cmocka_unit_test(test_the_hook_hears_it),
        cmocka_unit_test(test_from_another_thread),
        cmocka_unit_test(test_from_a_signal_handler),
        cmocka_unit_test(test_within_a_long_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
