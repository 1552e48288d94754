/*
 * Frozen weights keep their bits, whatever happens in training: left-over momentum, decay, schedules,
 * searches, recoveries, weights of earlier epochs and runs that are put back, several starts.
 */
#include <math.h>
#include <string.h>

#include "train/starts_example.h"
#include "train/types.h"
#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The weights into the hidden units, which most tests freeze. */
typedef struct frozen_weights {
    const bp_connection *connection;
    bp_real values[16];
} frozen_weights;

static frozen_weights freeze(const bp_network *net)
{
    frozen_weights frozen = {.connection = bp_network_connection(net, 0)};
    assert_ok(bp_connection_set_trainable(bp_network_connection(net, 0), 0));
    assert_ok(bp_connection_get_weights(frozen.connection, frozen.values,
                                        bp_connection_weight_count(frozen.connection)));
    return frozen;
}

static bool is_kept_in(const frozen_weights *frozen, const bp_network *net)
{
    bp_real now[16];
    const size_t count = bp_connection_weight_count(frozen->connection);
    assert_ok(bp_connection_get_weights(bp_network_connection(net, 0), now, count));
    return memcmp(now, frozen->values, count * sizeof *now) == 0;
}

static void assert_kept(const frozen_weights *frozen)
{
    assert_true(is_kept_in(frozen, frozen->connection->network));
}

static int keep_watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer, (void)progress;
    assert_kept(context);
    return 0;
}

/* ------------------------------------------------------------------------ one run */

static void test_momentum_from_before(void **state)
{
    (void)state;
    const size_t batches[] = {1, 10, 0};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.01, 3);
        options.batch_size = batches[i];
        options.weight_decay = 0.01;
        pair both = make_pair(wave_network(1), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(test_max_abs(both.trainer->state.vectors, 16) > 0);
        const frozen_weights frozen = freeze(both.net);
        const bp_real other = bp_network_weights(both.net, NULL)[16];
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_kept(&frozen);
        assert_true(bp_network_weights(both.net, NULL)[16] != other);
        /* They begin from rest when they are trained again. */
        assert_true(test_max_abs(both.trainer->state.vectors, 16) == 0);
        assert_ok(bp_network_set_trainable(both.net, 1));
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_false(is_kept_in(&frozen, both.net));
        end_pair(&both);
    }
}

static void no_change(bp_trainer_options *options)
{
    (void)options;
}

static void online(bp_trainer_options *options)
{
    options->batch_size = 1;
}

static void found_rate(bp_trainer_options *options)
{
    options->optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
}

static void untouched_rules(bp_trainer_options *options)
{
    found_rate(options);
    options->stop_rule_count = 0;
}

static void far_too_large_rate(bp_trainer_options *options)
{
    options->optimizer = bp_optimizer_momentum(1e6, 0.9);
    options->recoveries = 3;
}

static void divergence(bp_trainer_options *options)
{
    options->optimizer = bp_optimizer_momentum(1e30, 0.9);
    options->recoveries = 0;
}

static void bold_driver(bp_trainer_options *options)
{
    options->learning_rate_schedule = bp_schedule_bold_driver(1, 2, 0.3);
}

static void cosine(bp_trainer_options *options)
{
    options->learning_rate_schedule = bp_schedule_cosine(0.1, 0.001, 20);
    options->momentum_schedule = bp_schedule_switch(0.5, 3, 0.9);
}

static void no_best_weights(bp_trainer_options *options)
{
    options->keep_best = 0;
    options->average_shared = 1;
}

/* Validated and not. */
static void test_everything_that_happens_in_a_run(void **state)
{
    (void)state;
    static void (*const changes[])(bp_trainer_options *) = {
        no_change,  online,      found_rate, untouched_rules, far_too_large_rate,
        divergence, bold_driver, cosine,     no_best_weights};
    const bp_data data = wave_training(), validation = wave_validation();
    for (size_t i = 0; i < 2 * COUNT(changes); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.1, 40);
        frozen_weights frozen;
        options.weight_decay = 0.001;
        options.on_epoch = keep_watch;
        options.on_epoch_context = &frozen;
        changes[i / 2](&options);
        pair both = make_pair(wave_network(1 + i), &options);
        frozen = freeze(both.net);
        bp_status status = bp_trainer_run(both.trainer, &data, i % 2 == 0 ? NULL : &validation, NULL);
        assert_int_equal(status, changes[i / 2] == divergence ? BP_DIVERGED : BP_OK);
        assert_kept(&frozen);
        end_pair(&both);
    }
}

/* ---------------------------------------------------------------- from run to run */

static bp_trainer_options overfitting(bp_stop_rule *rule, int keep_best)
{
    bp_trainer_options options = wave_options(rule, 0.3, 150);
    options.weight_decay = 0;
    options.keep_best = keep_best;
    return options;
}

/* What was handed back is frozen, though training would go on from other weights. */
static void test_the_best_weights_are_frozen_as_handed_back(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    bp_stop_rule rule;
    const bp_trainer_options options = overfitting(&rule, 1);
    pair both = make_pair(wave_network(2), &options);
    const bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_true(result.best_epoch < 150);
    frozen_weights frozen = freeze(both.net);
    assert_true(memcmp(frozen.values, both.trainer->last_weights, 16 * sizeof(bp_real)) != 0);
    for (size_t i = 0; i < 2; i++) {
        train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
        assert_kept(&frozen);
        assert_ok(bp_trainer_restore_best(both.trainer));
        assert_kept(&frozen);
    }
    end_pair(&both);
}

/* The best epoch of an earlier run had other weights than those that are frozen now. */
static void test_a_best_epoch_with_other_weights_is_forgotten(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    bp_stop_rule rule;
    const bp_trainer_options options = overfitting(&rule, 0);
    pair both = make_pair(wave_network(2), &options);
    const bp_result before = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_true(before.best_epoch < 150);
    frozen_weights frozen = freeze(both.net);
    assert_fails(bp_trainer_restore_best(both.trainer), BP_ERROR_STATE, "set them trainable first");
    assert_kept(&frozen);
    const bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_true(result.best_epoch > 150);
    assert_kept(&frozen);
    assert_ok(bp_trainer_restore_best(both.trainer));
    assert_kept(&frozen);
    end_pair(&both);
}

/* The bold driver takes a whole epoch back, and that may have begun before the weights were frozen: epoch 2,
 * in which they were, enlarges the rate by far, and so epoch 3 is taken back, to the start of epoch 2. */
static void test_an_epoch_that_began_before(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    const bp_stop_rule rule = bp_stop_updates(6); /* one epoch and a half */
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 25;
    options.optimizer = bp_optimizer_momentum(0.01, 0);
    options.learning_rate_schedule = bp_schedule_bold_driver(0.01, 1000, 0.5);
    pair both = make_pair(wave_network(3), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    frozen_weights frozen = freeze(both.net);
    assert_close(bp_trainer_learning_rate(both.trainer), 0.01, 1e-12);
    train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
    assert_close(bp_trainer_learning_rate(both.trainer), 5, 1e-12);
    assert_kept(&frozen);
    end_pair(&both);
}

/* A change during a run takes effect in the next one. */
static int thaw(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer, (void)progress;
    assert_ok(bp_network_set_trainable(context, 1));
    return 0;
}

static void test_a_change_during_a_run(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (size_t cases = 0; cases < 2; cases++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.01, 4);
        bp_network *net = wave_network(1);
        options.batch_size = cases;
        options.on_epoch = thaw;
        options.on_epoch_context = net;
        pair both = make_pair(net, &options);
        frozen_weights frozen = freeze(both.net);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_kept(&frozen);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_false(is_kept_in(&frozen, both.net));
        end_pair(&both);
    }
}

/* ----------------------------------------------------------------------- gradients */

enum { FROZEN = 16, WEIGHTS = 16 + 8 + 8 + 1 };

/* The weights into the hidden units, and the bias of the output. */
static void freeze_some(const bp_network *net)
{
    freeze(net);
    assert_ok(bp_layer_set_bias_trainable(bp_network_find_layer(net, "output"), 0));
}

typedef struct seen_gradients {
    size_t calls;
    double largest_norm;
} seen_gradients;

static bp_status look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    seen_gradients *seen = context;
    double squares = 0;
    (void)reply;
    if (info->reason != BP_STOP_NONE)
        return BP_OK;
    assert_int_equal(info->count, WEIGHTS);
    for (size_t i = 0; i < WEIGHTS; i++) {
        const bool is_frozen = i < FROZEN || i == WEIGHTS - 1;
        assert_true(!is_frozen || info->gradient[i] == 0);
        squares += (double)info->gradient[i] * (double)info->gradient[i];
        if (is_frozen)
            info->gradient[i] = 1000; /* what the hook writes there does not matter */
    }
    seen->calls++;
    seen->largest_norm = fmax(seen->largest_norm, sqrt(squares));
    return BP_OK;
}

static int note_norm(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(double *)context = progress->gradient_norm;
    return 0;
}

/* The hook sees zeros, and norms are those of the other weights, also where no gradient is stored. */
static void test_the_gradient_of_frozen_weights_is_zero(void **state)
{
    (void)state;
    const size_t batches[] = {1, 7, 0};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.01, 1);
        seen_gradients seen = {0};
        double norm = 0;
        options.weight_decay = 0; /* what a hook would turn off */
        options.batch_size = batches[i];
        options.on_epoch = note_norm;
        options.on_epoch_context = &norm;
        pair unseen = make_pair(wave_network(1), &options);
        freeze_some(unseen.net);
        train_until(unseen.trainer, &data, NULL, BP_STOP_EPOCHS);
        const double without_hook = norm;
        options.on_gradient = look;
        options.on_gradient_context = &seen;
        pair both = make_pair(wave_network(1), &options);
        freeze_some(both.net);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(seen.calls > 0);
        assert_close(norm, seen.largest_norm, 1e-6);
        assert_close(without_hook, seen.largest_norm, TOLERANCE(1e-5, 1e-12));
        assert_same_weights(both.net, unseen.net);
        end_pair(&unseen);
        end_pair(&both);
    }
}

/* A workspace of the caller's gives all derivatives, frozen or not. */
static void test_public_gradients_are_whole(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_network *net = wave_network(1);
    bp_workspace *workspace = NULL;
    bp_real before[WEIGHTS], after[WEIGHTS];
    assert_ok(bp_workspace_create(&workspace, net, WAVE_CASES));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, before));
    assert_ok(bp_network_set_trainable(net, 0));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, after));
    assert_memory_equal(before, after, sizeof before);
    assert_true(test_max_abs(after, FROZEN) > 0);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- several starts */

static bp_real input_factor(const bp_network *net)
{
    bp_real offset, factor;
    assert_ok(bp_network_get_input_scaling(net, &offset, &factor, 1));
    return factor;
}

/* All but the frozen weights are drawn, the same for any number of threads; and the scaling stays that which
 * the frozen weights were trained with. */
static void test_starts_keep_frozen_weights(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 20);
    bp_network *trained = curve_network();
    assert_ok(bp_network_initialize(trained, 7));
    bp_trainer *trainer = make_trainer(trained, &options);
    train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
    frozen_weights frozen = freeze(trained);
    outcome found[2];
    bp_real inputs[40];
    bp_data larger = data;
    for (size_t i = 0; i < 40; i++)
        inputs[i] = 2 * data.inputs[i];
    larger.inputs = inputs;
    for (size_t i = 0; i < 2; i++) {
        bp_network *copy = NULL;
        const bp_starts_options starts = starts_with(6, 1 + 2 * i, 3);
        assert_ok(bp_network_copy(&copy, trained));
        train_from_starts(&found[i], copy, &options, &larger, NULL, &starts);
        assert_true(is_kept_in(&frozen, found[i].net));
        assert_true(input_factor(found[i].net) == input_factor(trained));
        for (size_t j = 0; j < 6; j++) {
            assert_true(is_kept_in(&frozen, found[i].networks[j]));
            assert_true(j == 0 || !same_weights(found[i].networks[j], found[i].networks[0]));
        }
    }
    assert_same_outcome(&found[0], &found[1]);
    end_outcome(&found[0]);
    end_outcome(&found[1]);
    bp_network_destroy(trained);
}

/* Weights that were never set have nothing to keep: every start draws them, and then leaves them alone. */
static void test_starts_of_a_network_without_weights(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    bp_stop_rule rule;
    const bp_trainer_options options = raw_options(&rule, 5);
    const bp_starts_options starts = starts_with(3, 2, 3);
    const size_t units[] = {1, 6, 1};
    bp_network *net = NULL, *drawn = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_connection_set_trainable(bp_network_connection(net, 0), 0));
    assert_ok(bp_network_copy(&drawn, net));
    outcome found;
    train_from_starts(&found, net, &options, &data, NULL, &starts);
    for (size_t i = 0; i < 3; i++) {
        assert_ok(bp_network_initialize(drawn, found.results[i].seed));
        assert_memory_equal(bp_network_weights(drawn, NULL), bp_network_weights(found.networks[i], NULL),
                            6 * sizeof(bp_real));
    }
    end_outcome(&found);
    bp_network_destroy(drawn);
}

/* ------------------------------------------------------------------------- findings */

/* A hidden layer of ReLU units that are dead for every input. */
static bp_network *dead_network(void)
{
    const size_t units[] = {2, 8, 1};
    const bp_real biases[8] = {-100, -100, -100, -100, -100, -100, -100, -100};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_relu(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_layer_set_biases(bp_network_layer(net, 1), biases, 8));
    return net;
}

static bool diagnosis_names_it(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_finding findings[16];
    size_t count;
    bool found = false;
    for (size_t i = 0; i < 16; i++)
        bp_finding_init(&findings[i], sizeof findings[i]);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_diagnose(net, workspace, data, NULL, bp_loss_default(), findings, 16, &count));
    for (size_t i = 0; i < count && i < 16; i++)
        found |= findings[i].kind == BP_FINDING_DEAD_UNITS;
    bp_workspace_destroy(workspace);
    return found;
}

/* Training can do nothing about units of layers to which only frozen weights lead. */
static void test_units_of_fixed_layers_are_no_finding(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (int fixed = 0; fixed < 2; fixed++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.01, 60);
        pair both = make_pair(dead_network(), &options);
        if (fixed)
            assert_ok(bp_layer_set_trainable(bp_network_layer(both.net, 1), 0));
        assert_int_equal(diagnosis_names_it(both.net, &data), !fixed);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(count_findings(both.trainer, BP_FINDING_DEAD_UNITS, NULL) > 0, !fixed);
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_momentum_from_before),
        cmocka_unit_test(test_everything_that_happens_in_a_run),
        cmocka_unit_test(test_the_best_weights_are_frozen_as_handed_back),
        cmocka_unit_test(test_a_best_epoch_with_other_weights_is_forgotten),
        cmocka_unit_test(test_an_epoch_that_began_before),
        cmocka_unit_test(test_a_change_during_a_run),
        cmocka_unit_test(test_the_gradient_of_frozen_weights_is_zero),
        cmocka_unit_test(test_public_gradients_are_whole),
        cmocka_unit_test(test_starts_keep_frozen_weights),
        cmocka_unit_test(test_starts_of_a_network_without_weights),
        cmocka_unit_test(test_units_of_fixed_layers_are_no_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
