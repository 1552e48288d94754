/* The option keep_best: a run with validation cases hands back the weights of its best epoch, and the next
 * run goes on from its last ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/train_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What the epochs were like, by the callback. */
typedef struct witness {
    const bp_network *net;
    size_t epochs, best_epoch;
    double lowest;
    bp_real best[EXAMPLE_WEIGHTS], last[EXAMPLE_WEIGHTS];
} witness;

static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    witness *seen = context;
    const bp_real *weights = bp_network_weights(seen->net, NULL);
    seen->epochs++;
    memcpy(seen->last, weights, sizeof seen->last);
    if (seen->best_epoch == 0 || progress->validation_error < seen->lowest) {
        seen->best_epoch = progress->epoch;
        seen->lowest = progress->validation_error;
        memcpy(seen->best, weights, sizeof seen->best);
    }
    return 0;
}

/* It overfits: the best epoch is not the last. */
static bp_trainer_options overfitting(const bp_stop_rule *rules, size_t count, witness *seen)
{
    bp_trainer_options options = options_with(rules, count);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.keep_best = 1;
    if (seen != NULL) {
        options.on_epoch = watch;
        options.on_epoch_context = seen;
    }
    return options;
}

static void assert_weights(const bp_network *net, const bp_real *wanted)
{
    assert_memory_equal(bp_network_weights(net, NULL), wanted, EXAMPLE_WEIGHTS * sizeof *wanted);
}

/* ------------------------------------------------------------------- the best weights */

static void test_the_best_weights_are_handed_back(void **state)
{
    (void)state;
    bp_network *net = example_network(3);
    witness seen = {.net = net};
    bp_stop_rule rule = bp_stop_epochs(200);
    bp_trainer_options options = overfitting(&rule, 1, &seen);
    pair both = make_pair(net, &options);
    bp_data training = example_training(), validation = example_validation();
    bp_result result = train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_true(seen.best_epoch < 200 && result.best_epoch == seen.best_epoch);
    assert_weights(net, seen.best);
    assert_close(result.error, error_of(net, &training), 1e-12);
    assert_close(result.mean_error, error_of(net, &training) / EXAMPLE_CASES, 1e-12);
    assert_close(result.validation_error, seen.lowest, 1e-12);
    end_pair(&both);
}

static void test_without_the_option_the_last_ones_are(void **state)
{
    (void)state;
    bp_network *net = example_network(3);
    witness seen = {.net = net};
    bp_stop_rule rules[] = {bp_stop_epochs(200), bp_stop_early(30, 0)};
    bp_trainer_options options = overfitting(rules, 1, &seen);
    options.keep_best = 0;
    pair both = make_pair(net, &options);
    bp_data training = example_training(), validation = example_validation();
    train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_weights(net, seen.last);
    assert_memory_not_equal(seen.best, seen.last, sizeof seen.last);
    end_pair(&both);
    net = example_network(3); /* but after early stopping, the best */
    seen = (witness){.net = net};
    options = overfitting(rules, 2, &seen);
    options.keep_best = 0;
    both = make_pair(net, &options);
    train_until(both.trainer, &training, &validation, BP_STOP_EARLY);
    assert_weights(net, seen.best);
    end_pair(&both);
}

static void test_without_validation_cases_the_last_ones_are(void **state)
{
    (void)state;
    bp_network *net = example_network(3);
    witness seen = {.net = net};
    bp_stop_rule rule = bp_stop_epochs(50);
    bp_trainer_options options = overfitting(&rule, 1, &seen);
    pair both = make_pair(net, &options);
    bp_data training = example_training();
    train_until(both.trainer, &training, NULL, BP_STOP_EPOCHS);
    assert_weights(net, seen.last);
    assert_fails(bp_trainer_restore_best(both.trainer), BP_ERROR_STATE, "no epoch");
    end_pair(&both);
}

/* ------------------------------------------------------------------------- going on */

typedef struct way {
    size_t batch_size;
    int shuffle;
} way;

static void look_at_findings(const bp_trainer *trainer)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
    }
}

/* The network after the runs, which are looked at in between. */
static bp_network *train(const way *how, size_t runs, bp_stop_rule limit, bool looks, witness *seen)
{
    bp_network *net = example_network(3);
    *seen = (witness){.net = net};
    bp_trainer_options options = overfitting(&limit, 1, seen);
    options.batch_size = how->batch_size;
    options.shuffle = how->shuffle;
    options.momentum_schedule = bp_schedule_switch(0.5, 4, 0.9);
    pair both = make_pair(net, &options);
    bp_data training = example_training(), validation = example_validation();
    for (size_t i = 0; i < runs; i++) {
        train_until(both.trainer, &training, &validation, (bp_stop_reason)limit.kind);
        bp_network *copy = NULL;
        if (looks) {
            error_of(net, &validation);
            assert_ok(bp_network_copy(&copy, net));
            look_at_findings(both.trainer);
            bp_network_destroy(copy);
        }
    }
    bp_trainer_destroy(both.trainer);
    return net;
}

/* 60 epochs in one run, in 2, 6 or 60; limits of updates also end within an epoch. */
static void test_runs_go_on_from_the_last_weights(void **state)
{
    (void)state;
    const struct {
        size_t batch_size, updates; /* per epoch */
        int shuffle;
    } ways[] = {{0, 1, 1}, {1, 13, 1}, {1, 13, 0}, {4, 4, 1}, {5, 3, 0}};
    const size_t runs[] = {2, 6, 60};
    for (size_t i = 0; i < COUNT(ways); i++) {
        const way how = {.batch_size = ways[i].batch_size, .shuffle = ways[i].shuffle};
        witness whole, parts;
        bp_network *wanted = train(&how, 1, bp_stop_epochs(60), false, &whole);
        assert_memory_not_equal(whole.best, whole.last, sizeof whole.last);
        for (size_t j = 0; j < COUNT(runs); j++)
            for (int in_updates = 0; in_updates < 2; in_updates++) {
                const size_t updates = 60 * ways[i].updates / runs[j];
                bp_network *net =
                    train(&how, runs[j], in_updates ? bp_stop_updates(updates) : bp_stop_epochs(60 / runs[j]),
                          j != 0, &parts);
                assert_same_weights(net, wanted);
                assert_memory_equal(parts.last, whole.last, sizeof whole.last);
                assert_int_equal(parts.epochs, whole.epochs);
                assert_int_equal(parts.best_epoch, whole.best_epoch);
                bp_network_destroy(net);
            }
        bp_network_destroy(wanted);
    }
}

/* A limit of updates in the middle of epochs: 7 of the 4 that make one. */
static void test_runs_end_within_an_epoch(void **state)
{
    (void)state;
    const way how = {.batch_size = 4, .shuffle = 1};
    witness whole, parts;
    bp_network *wanted = train(&how, 1, bp_stop_updates(84), false, &whole);
    bp_network *net = train(&how, 12, bp_stop_updates(7), true, &parts);
    assert_same_weights(net, wanted);
    assert_memory_equal(parts.last, whole.last, sizeof whole.last);
    bp_network_destroy(net);
    bp_network_destroy(wanted);
}

/* A pair that has trained, and whose network has its best weights. */
static pair trained(witness *seen, size_t epochs)
{
    static bp_stop_rule rule;
    rule = bp_stop_epochs(epochs);
    bp_network *net = example_network(3);
    *seen = (witness){.net = net};
    bp_trainer_options options = overfitting(&rule, 1, seen);
    pair both = make_pair(net, &options);
    bp_data training = example_training(), validation = example_validation();
    train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_memory_not_equal(seen->best, seen->last, sizeof seen->last);
    return both;
}

/* E of the weights that the next epoch begins with. */
static double next_error(pair *both)
{
    bp_data training = example_training();
    assert_ok(bp_trainer_set_momentum(both->trainer, 0));
    assert_ok(bp_trainer_set_learning_rate(both->trainer, 1e-12));
    bp_result result = train_until(both->trainer, &training, NULL, BP_STOP_EPOCHS);
    return result.error;
}

static double error_of_weights(const bp_real *weights)
{
    bp_data training = example_training();
    bp_network *net = example_network(1);
    assert_ok(bp_network_set_weights(net, weights, EXAMPLE_WEIGHTS));
    double error = error_of(net, &training);
    bp_network_destroy(net);
    return error;
}

/* A refused run, and a search for the learning rate, leave it so. */
static void test_where_training_goes_on(void **state)
{
    (void)state;
    enum { NOTHING, RUN_REFUSED, SEARCH, RESTORE, SET_WEIGHTS, RESET, CASES };
    for (int what = NOTHING; what < CASES; what++) {
        witness seen;
        pair both = trained(&seen, 200);
        const bp_real *wanted = seen.last;
        bp_real others[EXAMPLE_WEIGHTS];
        memcpy(others, seen.best, sizeof others);
        others[3] += (bp_real)0.25;
        bp_data wrong = example_training(), training = example_training();
        wrong.input_width = 2;
        if (what == RUN_REFUSED)
            assert_fails(bp_trainer_run(both.trainer, &wrong, NULL, NULL), BP_ERROR_SIZE, "training");
        if (what == SEARCH) {
            bp_rate_search search;
            bp_rate_search_init(&search, sizeof search);
            bp_status status = bp_trainer_find_learning_rate(both.trainer, &training, &search);
            assert_true(status == BP_OK || status == BP_ERROR_UNSUPPORTED);
        }
        if (what == RESTORE)
            assert_ok(bp_trainer_restore_best(both.trainer));
        if (what == SET_WEIGHTS)
            assert_ok(bp_network_set_weights(both.net, others, EXAMPLE_WEIGHTS));
        if (what == RESET)
            assert_ok(bp_trainer_reset(both.trainer));
        if (what == SET_WEIGHTS)
            wanted = others;
        if (what == RESTORE || what == RESET)
            wanted = seen.best;
        bp_real copy[EXAMPLE_WEIGHTS];
        memcpy(copy, wanted, sizeof copy);
        assert_close(next_error(&both), error_of_weights(copy), 1e-4);
        end_pair(&both);
    }
}

/* Early stopping hands back the best weights as well; the rule goes on waiting. */
static void test_after_early_stopping(void **state)
{
    (void)state;
    bp_stop_rule rules[] = {bp_stop_early(30, 0)};
    bp_network *net = example_network(3);
    witness seen = {.net = net};
    bp_trainer_options options = overfitting(rules, 1, &seen);
    pair both = make_pair(net, &options);
    bp_data training = example_training(), validation = example_validation();
    bp_result result = train_until(both.trainer, &training, &validation, BP_STOP_EARLY);
    assert_int_equal(result.epochs, result.best_epoch + 30);
    assert_weights(net, seen.best);
    result = train_until(both.trainer, &training, &validation, BP_STOP_EARLY);
    assert_int_equal(result.epochs, 1);
    assert_weights(net, seen.best);

    bp_stop_rule rule = bp_stop_epochs(seen.epochs); /* one run to the same epoch */
    bp_network *other = example_network(3);
    witness whole = {.net = other};
    options = overfitting(&rule, 1, &whole);
    pair long_run = make_pair(other, &options);
    train_until(long_run.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_memory_equal(whole.last, seen.last, sizeof seen.last);
    end_pair(&long_run);
    end_pair(&both);
}

/* ----------------------------------------------------------------------- divergence */

/* The next run diverges in its first epoch: the network is not worse than what the caller had. */
static void test_divergence_after_the_best_weights(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    const bp_real inputs[] = {1, 2, 3}, targets[] = {2, 4, 6}, others[] = {1, 2, 2};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, (bp_real[]){0, 0}, 2));
    bp_stop_rule rule = bp_stop_epochs(40);
    bp_trainer_options options = overfitting(&rule, 1, NULL);
    options.optimizer = bp_optimizer_momentum(0.01, 0);
    pair both = make_pair(net, &options);
    bp_data training = bp_data_view(3, inputs, 1, targets, 1),
            validation = bp_data_view(3, inputs, 1, others, 1);
    bp_result first = train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
    assert_true(first.best_epoch < 40);
    bp_real best[2];
    memcpy(best, bp_network_weights(net, NULL), sizeof best);
    assert_ok(bp_trainer_set_learning_rate(both.trainer, 1e30));
    bp_result second = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &training, &validation, &second), BP_DIVERGED,
                 "NaN or infinite");
    assert_int_equal(second.reason, BP_STOP_DIVERGED);
    assert_true(second.validation_error <= first.validation_error);
    assert_memory_equal(bp_network_weights(net, NULL), best, sizeof best);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_best_weights_are_handed_back),
        cmocka_unit_test(test_without_the_option_the_last_ones_are),
        cmocka_unit_test(test_without_validation_cases_the_last_ones_are),
        cmocka_unit_test(test_runs_go_on_from_the_last_weights),
        cmocka_unit_test(test_runs_end_within_an_epoch),
        cmocka_unit_test(test_where_training_goes_on),
        cmocka_unit_test(test_after_early_stopping),
        cmocka_unit_test(test_divergence_after_the_best_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
