/* Runs that continue where the one before stopped give the same bits as one long run. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Options that do not end a run. */
typedef struct way {
    size_t batch_size;
    int shuffle;
    bp_reduction reduction;
} way;

static const way ways[] = {
    {0, 1, BP_REDUCE_SUM}, {1, 1, BP_REDUCE_SUM},  {1, 0, BP_REDUCE_SUM},
    {4, 1, BP_REDUCE_SUM}, {5, 0, BP_REDUCE_MEAN}, {12, 1, BP_REDUCE_MEAN},
};

static bp_trainer_options options_of(const way *how, const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.batch_size = how->batch_size;
    options.shuffle = how->shuffle;
    options.reduction = how->reduction;
    options.weight_decay = 0.001;
    options.learning_rate_schedule = bp_schedule_exponential(0.3, 0.9, 0.01);
    options.momentum_schedule = bp_schedule_switch(0.5, 3, 0.9);
    return options;
}

/* The network after so many runs of one trainer, each ended by the rule; what they add up to. */
static bp_network *train_in_runs(const way *how, bp_stop_rule rule, size_t runs, uint64_t *updates,
                                 size_t *epochs)
{
    bp_trainer_options options = options_of(how, &rule);
    pair both = make_pair(example_network(6), &options);
    bp_data data = example_training(), validation = example_validation();
    *updates = 0;
    *epochs = 0;
    for (size_t i = 0; i < runs; i++) {
        bp_result result = train_until(both.trainer, &data, &validation, (bp_stop_reason)rule.kind);
        *updates += result.updates;
        *epochs += result.epochs;
    }
    bp_trainer_destroy(both.trainer);
    return both.net;
}

/* 60 updates in one run, or in runs of 30, 5 or 1: limits within and at the end of epochs. */
static void test_runs_of_updates(void **state)
{
    (void)state;
    const size_t runs[] = {2, 3, 12, 20, 60};
    for (size_t i = 0; i < COUNT(ways); i++) {
        uint64_t wanted_updates, updates;
        size_t wanted_epochs, epochs;
        bp_network *wanted = train_in_runs(&ways[i], bp_stop_updates(60), 1, &wanted_updates, &wanted_epochs);
        assert_int_equal(wanted_updates, 60);
        for (size_t j = 0; j < COUNT(runs); j++) {
            bp_network *net =
                train_in_runs(&ways[i], bp_stop_updates(60 / runs[j]), runs[j], &updates, &epochs);
            assert_int_equal(updates, wanted_updates);
            assert_int_equal(epochs, wanted_epochs);
            assert_same_weights(net, wanted);
            bp_network_destroy(net);
        }
        bp_network_destroy(wanted);
    }
}

static void test_runs_of_epochs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        uint64_t updates;
        size_t epochs;
        bp_network *wanted = train_in_runs(&ways[i], bp_stop_epochs(12), 1, &updates, &epochs);
        for (size_t runs = 2; runs <= 12; runs += 2) {
            if (12 % runs != 0)
                continue;
            bp_network *net = train_in_runs(&ways[i], bp_stop_epochs(12 / runs), runs, &updates, &epochs);
            assert_int_equal(epochs, 12);
            assert_same_weights(net, wanted);
            bp_network_destroy(net);
        }
        bp_network_destroy(wanted);
    }
}

static void test_the_seed_decides_the_order(void **state)
{
    (void)state;
    bp_network *nets[3];
    const uint64_t seeds[] = {8, 8, 9};
    for (size_t i = 0; i < 3; i++) {
        bp_stop_rule rule = bp_stop_epochs(5);
        bp_trainer_options options = options_of(&ways[3], &rule);
        options.seed = seeds[i];
        pair both = make_pair(example_network(6), &options);
        bp_data data = example_training();
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        bp_trainer_destroy(both.trainer);
        nets[i] = both.net;
    }
    assert_same_weights(nets[0], nets[1]);
    assert_false(same_weights(nets[0], nets[2]));
    for (size_t i = 0; i < 3; i++)
        bp_network_destroy(nets[i]);
}

/* Each limit counts from the start of its own run. */
static void test_limits_count_afresh(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_updates(5);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 4; /* 4 updates per epoch */
    pair both = make_pair(example_network(1), &options);
    bp_data data = example_training();
    const size_t epochs[] = {1, 1, 1, 2, 1};
    for (size_t i = 0; i < COUNT(epochs); i++) {
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        assert_int_equal(result.updates, 5);
        assert_int_equal(result.epochs, epochs[i]);
        assert_close(result.error, error_of(both.net, &data), 1e-12);
    }
    end_pair(&both);
}

/* Metrics of an epoch that two runs share are those of the whole epoch. */
typedef struct seen {
    double error[4], norm[4];
    size_t count;
} seen;

static int see(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    seen *all = context;
    if (all->count < 4) {
        all->error[all->count] = progress->error;
        all->norm[all->count++] = progress->gradient_norm;
    }
    assert_int_equal(progress->epoch, all->count);
    return 0;
}

static void test_metrics_of_an_epoch_in_two_runs(void **state)
{
    (void)state;
    seen all[2] = {{.count = 0}, {.count = 0}};
    for (int i = 0; i < 2; i++) {
        bp_stop_rule rule = bp_stop_updates(i == 0 ? 12 : 3);
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = 4;
        options.on_epoch = see;
        options.on_epoch_context = &all[i];
        pair both = make_pair(example_network(1), &options);
        bp_data data = example_training();
        for (int run = 0; run < (i == 0 ? 1 : 4); run++)
            train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        end_pair(&both);
    }
    assert_int_equal(all[0].count, 3);
    assert_memory_equal(&all[0], &all[1], sizeof all[0]);
}

/* Patience and window go on from run to run. */
static void test_rules_remember_over_runs(void **state)
{
    (void)state;
    const bp_stop_rule memories[] = {bp_stop_early(6, 0), bp_stop_diminishing_returns(6, 0.05)};
    for (size_t i = 0; i < COUNT(memories); i++) {
        bp_stop_rule rules[] = {memories[i], bp_stop_epochs(10000)};
        bp_trainer_options options = options_with(rules, 2);
        options.optimizer = bp_optimizer_momentum(0.3, 0.9);
        bp_data training = example_training(), validation = example_validation();
        pair wanted = make_pair(example_network(3), &options);
        bp_result whole =
            train_until(wanted.trainer, &training, &validation, (bp_stop_reason)memories[i].kind);

        rules[1] = bp_stop_epochs(1);
        pair both = make_pair(example_network(3), &options);
        bp_result result = empty_result();
        size_t epochs = 0;
        while (result.reason != (bp_stop_reason)memories[i].kind) {
            assert_ok(bp_trainer_run(both.trainer, &training, &validation, &result));
            epochs += result.epochs;
            assert_true(epochs <= whole.epochs);
        }
        assert_int_equal(epochs, whole.epochs);
        assert_int_equal(result.best_epoch, whole.best_epoch);
        assert_true(result.validation_error == whole.validation_error);
        assert_same_weights(both.net, wanted.net);
        end_pair(&both);
        end_pair(&wanted);
    }
}

/* ---------------------------------------------------------- other data, other weights */

static int note_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(double *)context = progress->mean_error;
    return 0;
}

/* With another number of cases the epoch in progress is abandoned, and a whole one of the new cases follows.
 */
static void test_other_data_begin_a_new_epoch(void **state)
{
    (void)state;
    double mean_error = 0;
    bp_stop_rule rules[] = {bp_stop_updates(3), bp_stop_epochs(1)};
    bp_trainer_options options = options_with(rules, 2);
    options.batch_size = 3;
    options.on_epoch = note_epoch;
    options.on_epoch_context = &mean_error;
    pair both = make_pair(example_network(1), &options);
    bp_data all = example_training(), few = all;
    few.cases = 6;
    assert_int_equal(train_until(both.trainer, &all, NULL, BP_STOP_UPDATES).epochs, 0);
    bp_result result = train_until(both.trainer, &few, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.updates, 2);
    assert_int_equal(result.epochs, 1);
    assert_true(mean_error > 0 && mean_error < 1); /* of 6 cases, not of what was summed before */
    /* and back to the larger set, whose order must be complete again */
    result = train_until(both.trainer, &all, NULL, BP_STOP_UPDATES);
    assert_int_equal(result.updates, 3);
    result = train_until(both.trainer, &all, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.updates, 2);
    end_pair(&both);
}

/* A view with strides and case weights trains like the same cases laid out densely. */
static void test_strided_views_and_case_weights(void **state)
{
    (void)state;
    enum { WIDE = 8 };
    bp_data dense = example_training(), wide = dense;
    bp_real rows[EXAMPLE_CASES * WIDE], weights[EXAMPLE_CASES];
    for (size_t c = 0; c < EXAMPLE_CASES; c++) {
        for (size_t i = 0; i < WIDE; i++)
            rows[c * WIDE + i] = 99;
        memcpy(rows + c * WIDE + 1, dense.inputs + c * EXAMPLE_INPUTS, EXAMPLE_INPUTS * sizeof *rows);
        memcpy(rows + c * WIDE + 5, dense.targets + c * EXAMPLE_OUTPUTS, EXAMPLE_OUTPUTS * sizeof *rows);
        weights[c] = (bp_real)(c % 3);
    }
    wide.inputs = rows + 1;
    wide.targets = rows + 5;
    wide.input_stride = wide.target_stride = WIDE;
    dense.case_weights = wide.case_weights = weights;
    bp_network *nets[2];
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule = bp_stop_epochs(6);
        bp_trainer_options options = options_of(&ways[3], &rule);
        pair both = make_pair(example_network(6), &options);
        train_until(both.trainer, i == 0 ? &dense : &wide, NULL, BP_STOP_EPOCHS);
        bp_trainer_destroy(both.trainer);
        nets[i] = both.net;
    }
    assert_same_weights(nets[0], nets[1]);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_of_updates),
        cmocka_unit_test(test_runs_of_epochs),
        cmocka_unit_test(test_the_seed_decides_the_order),
        cmocka_unit_test(test_limits_count_afresh),
        cmocka_unit_test(test_metrics_of_an_epoch_in_two_runs),
        cmocka_unit_test(test_rules_remember_over_runs),
        cmocka_unit_test(test_other_data_begin_a_new_epoch),
        cmocka_unit_test(test_strided_views_and_case_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
