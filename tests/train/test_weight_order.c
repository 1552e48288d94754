/*
 * Runs whose weights from inputs are in panels between updates (weight_order.h): whoever may look finds them
 * in rows, and they have the bits of the same run with a gradient hook that changes nothing, during which
 * they never leave their rows.
 */
#include "train/weight_order.h"

#include <stdlib.h>
#include <string.h>

#include "network/types.h"
#include "small/small.h"
#include "train/panel_example.h"

/* ------------------------------------------------------------------------ bits */

static void check_each(const kernel_table *table)
{
    const bool usual = panels_exist(table, 96);
    panel_run v = simplest_panel_run();
    assert_true(panel_check(table, &v) == usual);
    static const size_t batches[] = {2, 3, 6, 7, 13, 16, 17};
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        v = simplest_panel_run();
        v.batch = batches[i];
        if (v.batch <=
            SMALL_MAX_BATCH) { /* which the kernel of online training takes, but for many weights */
            v.optimizer = bp_optimizer_nesterov(0.01, 0.9);
            v.hidden = 192;
        }
        v.cases = 33 * v.batch + i; /* the last batch may have one case */
        v.shuffles = i % 2 == 1;
        v.sums = i % 3 == 1;
        v.decay = i % 2 == 0 ? 0 : 1e-3;
        assert_true(panel_check(table, &v) == panels_exist(table, v.hidden));
    }
    v = simplest_panel_run();
    v.freezes = true; /* which leaves nothing to update in panels */
    assert_false(panel_check(table, &v));
    v = simplest_panel_run();
    v.skips = true;
    assert_true(panel_check(table, &v) == usual);
    v = simplest_panel_run(); /* a last batch of three, which the kernel would take if all had three */
    v.hidden = 32;
    v.batch = 20;
    v.cases = 33 * v.batch + 3;
    assert_true(panel_check(table, &v) == usual);
    v = simplest_panel_run();
    v.drops = true;
    assert_true(panel_check(table, &v) == usual);
}

static void test_the_bits_of_training_in_rows(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        check_each(table);
}

static void test_rules(void **state)
{
    (void)state;
    const bp_optimizer rules[] = {
        bp_optimizer_nesterov(0.01, 0.9),
        bp_optimizer_adagrad(0.01),
        bp_optimizer_rmsprop(0.001, 0.9),
        bp_optimizer_adam(0.001, 0.9, 0.999, 1e-8),
        bp_optimizer_adamw(0.001, 0.9, 0.999, 1e-8, 0.01),
    };
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
            panel_run v = simplest_panel_run();
            v.optimizer = rules[i];
            v.decay = i % 4 == 1 ? 1e-3 : 0; /* AdamW has its own */
            assert_true(panel_check(table, &v) == panels_exist(table, 96));
        }
}

/* Threads get whole panels, or weights stay in rows. */
static void test_threads(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (size_t threads = 2; threads <= 3 && panels_exist(table, 96); threads++) {
            panel_run v = simplest_panel_run();
            v.batch = 20;
            v.cases = 33 * v.batch;
            v.threads = threads;
            v.hidden = 2 * threads * table->panel_columns - table->panel_columns / 2;
            assert_false(panel_check(table, &v));
            v.hidden = 2 * threads * table->panel_columns + table->panel_columns / 2;
            assert_true(panel_check(table, &v));
        }
}

/* ------------------------------------------------------------- weights that stay in rows */

/* Too few batches or too many cases in one; layers that would leave gaps, or have fewer units than dot
 * products suit; rules that shrink the weights after the update. */
static void test_weights_that_stay_in_rows(void **state)
{
    (void)state;
    const kernel_table *table = supported_table(0);
    for (size_t t = 1; supported_table(t) != NULL; t++)
        table = supported_table(t);
    panel_run v = simplest_panel_run();
    v.cases = 15 * v.batch;
    assert_false(panel_check(table, &v));
    v.updates = 100; /* in which nobody has looked at the weights for long enough */
    assert_true(panel_check(table, &v) == panels_exist(table, 96));
    v = simplest_panel_run();
    v.hidden = 97;
    assert_false(panel_check(table, &v));
    v = simplest_panel_run();
    v.hidden = 4;
    assert_false(panel_check(table, &v));
    v = simplest_panel_run();
    v.batch = KERNEL_PANEL_TERMS + 1;
    assert_false(panel_check(table, &v));
}

/* --------------------------------------------------------------------------- ends */

static void test_ends_anywhere(void **state)
{
    (void)state;
    for (uint64_t updates = 1; updates <= 36; updates += 5) {
        panel_run v = simplest_panel_run();
        v.updates = updates;
        const kernel_table *table;
        for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
            assert_true(panel_check(table, &v) == panels_exist(table, 96));
    }
}

static void test_validation(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (int keeps_last = 0; keeps_last < 2; keeps_last++) {
            panel_run v = simplest_panel_run();
            v.validates = true;
            v.keeps_last = keeps_last;
            v.optimizer = bp_optimizer_momentum(0.3, 0.9); /* so large that the first weights may be better */
            assert_true(panel_check(table, &v) == panels_exist(table, 96));
        }
}

/* A pair of trainers of equal networks, one with the hook. */
typedef struct twins {
    pair fast, in_rows;
    bp_data data;
} twins;

static twins make_twins(const panel_run *v, const bp_stop_rule *rule, const char *checkpoint)
{
    bp_trainer_options options = panel_options(v, rule, false), in_rows = panel_options(v, rule, true);
    options.checkpoint_path = checkpoint;
    options.checkpoint_updates = checkpoint == NULL ? 0 : 40;
    return (twins){.fast = make_pair(panel_network(v), &options),
                   .in_rows = make_pair(panel_network(v), &in_rows),
                   .data = panel_cases(v->cases)};
}

static void run_twins(twins *both, bp_stop_reason reason)
{
    train_until(both->fast.trainer, &both->data, NULL, reason);
    train_until(both->in_rows.trainer, &both->data, NULL, reason);
    assert_same_weights(both->fast.net, both->in_rows.net);
}

static void end_twins(twins *both)
{
    end_pair(&both->fast);
    end_pair(&both->in_rows);
}

static void test_requests(void **state)
{
    (void)state;
    const panel_run v = simplest_panel_run();
    const bp_stop_rule rule = bp_stop_epochs(1);
    twins both = make_twins(&v, &rule, NULL);
    for (int i = 0; i < 3; i++) {
        bp_trainer_request_stop(both.fast.trainer);
        bp_trainer_request_stop(both.in_rows.trainer);
        run_twins(&both, BP_STOP_REQUESTED);
    }
    run_twins(&both, BP_STOP_EPOCHS);
    end_twins(&both);
}

/* Rules that look at the weights when they hold for the errors of an epoch. */
static void test_confirmed_rules(void **state)
{
    (void)state;
    const panel_run v = simplest_panel_run();
    const bp_stop_rule rules[] = {bp_stop_mean_error_below(0.4), bp_stop_within_tolerance(0.49)};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        bp_stop_rule either[] = {rules[i], bp_stop_epochs(40)};
        bp_trainer_options options = panel_options(&v, either, false),
                           in_rows = panel_options(&v, either, true);
        options.stop_rule_count = in_rows.stop_rule_count = 2;
        pair fast = make_pair(panel_network(&v), &options), slow = make_pair(panel_network(&v), &in_rows);
        const bp_data data = panel_cases(v.cases);
        bp_result result = empty_result(), expected = empty_result();
        assert_ok(bp_trainer_run(fast.trainer, &data, NULL, &result));
        assert_ok(bp_trainer_run(slow.trainer, &data, NULL, &expected));
        assert_int_equal(result.epochs, expected.epochs);
        assert_int_equal(result.reason, expected.reason);
        assert_same_weights(fast.net, slow.net);
        end_pair(&fast);
        end_pair(&slow);
    }
}

/* By the rate of the third epoch: the weights that it began with are put back, and were kept in rows. A
 * recovery is another one with a hook, but two threads leave so narrow a layer in rows, too. */
static void test_divergence(void **state)
{
    (void)state;
    for (int recoveries = 0; recoveries < 2; recoveries++) {
        panel_run v = simplest_panel_run();
        v.is_linear = true;
        const bp_stop_rule rule = bp_stop_epochs(4);
        bp_trainer_options options = panel_options(&v, &rule, false),
                           in_rows = panel_options(&v, &rule, true);
        options.learning_rate_schedule = in_rows.learning_rate_schedule = bp_schedule_switch(0.05, 2, 1e30);
        options.recoveries = in_rows.recoveries = recoveries;
        if (recoveries == 1) {
            in_rows.on_gradient = NULL;
            in_rows.threads = 2;
        }
        twins both = {.fast = make_pair(panel_network(&v), &options),
                      .in_rows = make_pair(panel_network(&v), &in_rows),
                      .data = panel_cases(v.cases)};
        bp_network *start = panel_network(&v);
        const bp_status status = bp_trainer_run(both.fast.trainer, &both.data, NULL, NULL);
        assert_int_equal(bp_trainer_run(both.in_rows.trainer, &both.data, NULL, NULL), status);
        assert_true(status == BP_DIVERGED || recoveries == 1);
        assert_same_weights(both.fast.net, both.in_rows.net);
        assert_false(same_weights(both.fast.net, start));
        bp_network_destroy(start);
        end_twins(&both);
    }
}

/* --------------------------------------------------------------------------- looking */

/* Weights that are saved, copied and set between runs; and another trainer of the same network. */
static void test_between_runs(void **state)
{
    (void)state;
    const panel_run v = simplest_panel_run();
    const bp_stop_rule rule = bp_stop_updates(21); /* within an epoch */
    twins both = make_twins(&v, &rule, NULL);
    bp_trainer_options options = panel_options(&v, &rule, false);
    bp_trainer *second = make_trainer(both.fast.net, &options);
    options = panel_options(&v, &rule, true);
    bp_trainer *second_in_rows = make_trainer(both.in_rows.net, &options);
    for (int i = 0; i < 3; i++) {
        run_twins(&both, BP_STOP_UPDATES);
        bp_network *copy = NULL;
        assert_ok(bp_network_copy(&copy, both.fast.net));
        assert_same_weights(copy, both.in_rows.net);
        bp_network_destroy(copy);
        size_t size, expected_size;
        unsigned char *bytes = test_save(both.fast.net, &size);
        unsigned char *expected = test_save(both.in_rows.net, &expected_size);
        assert_int_equal(size, expected_size);
        assert_memory_equal(bytes, expected, size);
        free(bytes);
        free(expected);
        train_until(second, &both.data, NULL, BP_STOP_UPDATES);
        train_until(second_in_rows, &both.data, NULL, BP_STOP_UPDATES);
        assert_same_weights(both.fast.net, both.in_rows.net);
    }
    bp_trainer_destroy(second);
    bp_trainer_destroy(second_in_rows);
    end_twins(&both);
}

/* A checkpoint within an epoch has the weights, and the optimizer's vectors, in rows: training that goes on
 * from it has the same bits. */
static void test_checkpoints(void **state)
{
    (void)state;
    panel_run v = simplest_panel_run();
    v.cases = 60 * v.batch;
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(test_directory, "checkpoint"));
    remove(path);
    const bp_stop_rule rule = bp_stop_updates(50);
    twins both = make_twins(&v, &rule, path); /* after 40 updates */
    run_twins(&both, BP_STOP_UPDATES);
    pair resumed = {.net = panel_network(&v)};
    bp_trainer_options options = panel_options(&v, &rule, false);
    assert_ok(bp_trainer_load(&resumed.trainer, resumed.net, path, &options));
    assert_int_equal(resumed.trainer->updates, 40);
    assert_ok(bp_trainer_run(resumed.trainer, &both.data, NULL, NULL));
    assert_same_weights(resumed.net, both.in_rows.net);
    end_pair(&resumed);
    end_twins(&both);
    remove(path);
}

/* ---------------------------------------------------------------------------- memory */

/* Memory for the history runs out within a run: what training came to so far is in rows. */
static size_t train_with_little_memory(bool in_rows, size_t fail_at, bp_real **weights, bp_status *status)
{
    test_memory memory;
    const bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    const panel_run v = simplest_panel_run();
    const bp_stop_rule rule = bp_stop_epochs(40);
    bp_network *model = panel_network(&v), *net = NULL;
    assert_ok(test_network_create(&net, &allocator));
    bp_layer *layers[3];
    assert_ok(bp_network_add_input(&layers[0], net, "in", INPUTS));
    assert_ok(bp_network_add_layer(&layers[1], net, "hidden", v.hidden, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "out", OUTPUTS, bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(NULL, net, layers[1], layers[2]));
    assert_ok(bp_layer_set_output(layers[2]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, model->weights, model->weight_count));
    bp_trainer_options options = panel_options(&v, &rule, in_rows);
    options.keep_history = 1;
    bp_trainer *trainer = make_trainer(net, &options);
    const size_t before = memory.calls;
    memory.fail_at = fail_at == SIZE_MAX ? SIZE_MAX : before + fail_at;
    const bp_data data = panel_cases(v.cases);
    *status = bp_trainer_run(trainer, &data, NULL, NULL);
    const size_t calls = memory.calls - before;
    *weights = malloc(net->weight_count * sizeof **weights);
    memcpy(*weights, net->weights, net->weight_count * sizeof **weights);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_network_destroy(model);
    return calls;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    const panel_run v = simplest_panel_run();
    bp_network *net = panel_network(&v);
    bp_real *weights, *expected;
    bp_status status, expected_status;
    const size_t calls = train_with_little_memory(false, SIZE_MAX, &weights, &status);
    free(weights);
    size_t within = 0; /* failures after weights were changed */
    for (size_t i = 0; i < calls; i++) {
        train_with_little_memory(false, i, &weights, &status);
        train_with_little_memory(true, i, &expected, &expected_status);
        assert_int_equal(status, expected_status);
        assert_memory_equal(weights, expected, net->weight_count * sizeof *weights);
        within += status != BP_OK && memcmp(weights, net->weights, net->weight_count * sizeof *weights) != 0;
        free(weights);
        free(expected);
    }
    assert_true(within > 0);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bits_of_training_in_rows),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_weights_that_stay_in_rows),
        cmocka_unit_test(test_ends_anywhere),
        cmocka_unit_test(test_validation),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_confirmed_rules),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_between_runs),
        cmocka_unit_test_setup_teardown(test_checkpoints, test_directory_setup, test_directory_teardown),
        cmocka_unit_test(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, panel_set_up, NULL);
}
