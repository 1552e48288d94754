/*
 * All optimizer rules through the same harness: a training does not depend on threads, on whether updates are
 * fused, on streams or on being continued; callbacks, stopping rules, validation, best weights, the search
 * for a rate, starts and cross-validation work with each.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/cross_example.h"
#include "engine/fused_update.h"
#include "support/arrays.h"
#include "train/starts_example.h"
#include "train/stream_example.h"
#include "train/types.h"

/* Signs alone, with a momentum that is a vector, and a number of updates. */
static bp_status follow_signs(void *context, const bp_step *step)
{
    (void)context;
    step->scalars[0] += 1;
    assert_true(step->scalars[0] == (double)step->number);
    for (size_t i = 0; i < step->count; i++) {
        step->vectors[i] =
            (bp_real)0.5 * step->vectors[i] +
            (bp_real)step->learning_rate * (bp_real)((step->gradient[i] < 0) - (step->gradient[i] > 0));
        step->weights[i] += step->vectors[i];
    }
    return BP_OK;
}

static const bp_rule signs = {
    .size = sizeof(bp_rule), .name = "signs", .vectors = 1, .scalars = 1, .update = follow_signs};

/* The rules, with rates that suit the examples below. */
typedef struct rule_case {
    const char *name;
    bp_optimizer (*with_rate)(double rate);
    double rate;
    bool needs_whole_sets;
} rule_case;

static bp_optimizer momentum(double rate)
{
    return bp_optimizer_momentum(rate, 0.9);
}

static bp_optimizer nesterov(double rate)
{
    return bp_optimizer_nesterov(rate, 0.9);
}

static bp_optimizer rmsprop(double rate)
{
    return bp_optimizer_rmsprop(rate, 0.9);
}

static bp_optimizer adam(double rate)
{
    return bp_optimizer_adam(rate, 0.9, 0.999, 1e-8);
}

static bp_optimizer adamw(double rate)
{
    return bp_optimizer_adamw(rate, 0.9, 0.999, 1e-8, 0.01);
}

static bp_optimizer quickprop(double rate)
{
    return bp_optimizer_quickprop(rate, 1.75);
}

static bp_optimizer custom(double rate)
{
    return bp_optimizer_custom(&signs, rate);
}

static const rule_case rules[] = {
    {"momentum", momentum, 0.05, false},
    {"nesterov", nesterov, 0.05, false},
    {"adagrad", bp_optimizer_adagrad, 0.1, false},
    {"rmsprop", rmsprop, 0.01, false},
    {"adam", adam, 0.02, false},
    {"adamw", adamw, 0.02, false},
    {"irprop_plus", bp_optimizer_irprop_plus, 0.01, true},
    {"irprop_minus", bp_optimizer_irprop_minus, 0.01, false},
    {"quickprop", quickprop, 0.1, false},
    {"custom", custom, 0.005, false},
};
enum { RULES = sizeof rules / sizeof rules[0] };

/* Large enough for threads and fused updates. */
enum { WIDE_INPUTS = 200, WIDE_CASES = 48, WIDE_OUTPUTS = 7 };
static bp_real wide_inputs[WIDE_CASES * WIDE_INPUTS], wide_targets[WIDE_CASES * WIDE_OUTPUTS];

static bp_data wide_data(void)
{
    uint64_t random = 5;
    for (size_t i = 0; i < WIDE_CASES * WIDE_INPUTS; i++)
        wide_inputs[i] = (bp_real)test_uniform(&random, -1, 1);
    for (size_t i = 0; i < WIDE_CASES * WIDE_OUTPUTS; i++)
        wide_targets[i] = (bp_real)test_uniform(&random, 0, 1);
    return bp_data_view(WIDE_CASES, wide_inputs, WIDE_INPUTS, wide_targets, WIDE_OUTPUTS);
}

static bp_network *wide_network(void)
{
    bp_network *net = NULL;
    const size_t units[] = {WIDE_INPUTS, 331, WIDE_OUTPUTS};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static bp_trainer_options options_for(const rule_case *rule, const bp_stop_rule *stop, size_t batch_size)
{
    bp_trainer_options options = options_with(stop, 1);
    options.optimizer = rule->with_rate(rule->rate);
    options.batch_size = rule->needs_whole_sets ? 0 : batch_size;
    options.reduction = BP_REDUCE_MEAN;
    return options;
}

/* ------------------------------------------------------------- the same weights, bit for bit */

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    const bp_data data = wide_data();
    const bp_stop_rule stop = bp_stop_epochs(3);
    for (size_t r = 0; r < RULES; r++) {
        bp_trainer_options options = options_for(&rules[r], &stop, 24);
        pair one = make_pair(wide_network(), &options);
        train_until(one.trainer, &data, NULL, BP_STOP_EPOCHS);
        const size_t threads[] = {2, 3, 8};
        for (size_t i = 0; i < 3; i++) {
            options.threads = threads[i];
            pair several = make_pair(wide_network(), &options);
            train_until(several.trainer, &data, NULL, BP_STOP_EPOCHS);
            assert_same_weights(one.net, several.net);
            end_pair(&several);
        }
        end_pair(&one);
    }
}

static bp_status watch(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)reply;
    *(size_t *)context += info->reason == BP_STOP_NONE;
    return BP_OK;
}

/* A hook that changes nothing sees the gradient, so that updates are not fused. Single cases are trained on
 * in another way. */
static void test_fused_updates_do_not_matter(void **state)
{
    (void)state;
    const bp_data data = wide_data();
    const bp_stop_rule stop = bp_stop_epochs(2);
    const size_t batches[] = {1, 2, 24, 0};
    for (size_t r = 0; r < RULES; r++)
        for (size_t b = 0; b < 4 && !rules[r].needs_whole_sets; b++) {
            size_t calls = 0;
            bp_trainer_options options = options_for(&rules[r], &stop, batches[b]);
            pair fused = make_pair(wide_network(), &options);
            options.on_gradient = watch;
            options.on_gradient_context = &calls;
            pair plain = make_pair(wide_network(), &options);
            train_until(fused.trainer, &data, NULL, BP_STOP_EPOCHS);
            train_until(plain.trainer, &data, NULL, BP_STOP_EPOCHS);
            assert_true(calls > 0);
            assert_same_weights(fused.net, plain.net);
            end_pair(&fused);
            end_pair(&plain);
        }
}

/* Frozen weights stay, others learn; with factors on rate and decay, updates that are fused give the bits of
 * those that are not. Rules of the caller's take no factors on the rate. */
static void test_frozen_weights_and_factors(void **state)
{
    (void)state;
    const bp_data data = wide_data();
    const bp_stop_rule stop = bp_stop_epochs(2);
    for (size_t r = 0; r < RULES; r++) {
        size_t calls = 0;
        const bool has_factors = rules[r].with_rate != custom;
        bp_trainer_options options = options_for(&rules[r], &stop, 24);
        options.weight_decay = rules[r].with_rate == adamw ? 0 : 0.01;
        bp_network *start = wide_network();
        pair both[2];
        for (size_t hooked = 0; hooked < 2; hooked++) {
            bp_network *net = wide_network();
            assert_ok(bp_layer_set_bias_trainable(net->layers[1], 0));
            assert_ok(bp_connection_set_decay_factor(net->connections[0], 2));
            if (has_factors)
                assert_ok(bp_connection_set_rate_factor(net->connections[1], 0.5));
            options.on_gradient = hooked && !rules[r].needs_whole_sets ? watch : NULL;
            options.on_gradient_context = &calls;
            both[hooked] = make_pair(net, &options);
            train_until(both[hooked].trainer, &data, NULL, BP_STOP_EPOCHS);
        }
        assert_true(calls > 0 || rules[r].needs_whole_sets);
        const bp_real *before = start->weights, *after = both[0].net->weights;
        const size_t biases = start->layers[1]->bias_offset;
        assert_memory_equal(after + biases, before + biases, 331 * sizeof *after);
        assert_memory_not_equal(after, before, WIDE_INPUTS * 331 * sizeof *after);
        if (!rules[r].needs_whole_sets)
            assert_same_weights(both[0].net, both[1].net);
        end_pair(&both[0]);
        end_pair(&both[1]);
        bp_network_destroy(start);
    }
}

static void test_continued_and_reset_trainings(void **state)
{
    (void)state;
    const bp_data data = example_training();
    for (size_t r = 0; r < RULES; r++) {
        const bp_stop_rule half = bp_stop_epochs(7), whole = bp_stop_epochs(14);
        bp_trainer_options options = options_for(&rules[r], &half, 5),
                           all = options_for(&rules[r], &whole, 5);
        pair parts = make_pair(example_network(1), &options), once = make_pair(example_network(1), &all);
        train_until(once.trainer, &data, NULL, BP_STOP_EPOCHS);
        for (size_t again = 0; again < 2; again++) {
            train_until(parts.trainer, &data, NULL, BP_STOP_EPOCHS);
            assert_false(same_weights(parts.net, once.net));
            train_until(parts.trainer, &data, NULL, BP_STOP_EPOCHS);
            assert_same_weights(parts.net, once.net);
            assert_ok(bp_network_initialize(parts.net, 1));
            assert_ok(bp_trainer_reset(parts.trainer));
        }
        end_pair(&parts);
        end_pair(&once);
    }
}

static void test_streams(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule stop = bp_stop_epochs(5);
    for (size_t r = 0; r < RULES; r++) {
        bp_trainer_options options = options_for(&rules[r], &stop, 5);
        test_source source = {0};
        bp_stream *stream = test_stream(&source, &data);
        pair memory = make_pair(example_network(1), &options), read = make_pair(example_network(1), &options);
        train_until(memory.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_ok(bp_trainer_run_stream(read.trainer, stream, NULL, NULL));
        assert_same_weights(memory.net, read.net);
        bp_stream_destroy(stream);
        end_pair(&memory);
        end_pair(&read);
    }
}

/* ------------------------------------------------------------------- what a trainer does */

static bp_network *drawn_curve_network(void)
{
    bp_network *net = curve_network();
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static int count_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    (void)progress;
    ++*(size_t *)context;
    return 0;
}

/* E falls by nine tenths, which ends the run; every epoch is reported. */
static void test_learning_until_a_stopping_rule_fires(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    for (size_t r = 0; r < RULES; r++) {
        size_t epochs = 0;
        bp_network *net = drawn_curve_network();
        const double start = error_of(net, &data) / (double)data.cases;
        const bp_stop_rule stops[] = {bp_stop_mean_error_below(0.1 * start), bp_stop_epochs(3000)};
        bp_trainer_options options = options_for(&rules[r], stops, 8);
        options.stop_rule_count = 2;
        options.on_epoch = count_epoch;
        options.on_epoch_context = &epochs;
        pair both = make_pair(net, &options);
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_MEAN_ERROR_BELOW);
        print_message("%-12s %zu epochs\n", rules[r].name, result.epochs);
        assert_int_equal(epochs, result.epochs);
        end_pair(&both);
    }
}

static void test_validation_and_best_weights(void **state)
{
    (void)state;
    const bp_data training = example_training(), validation = example_validation();
    for (size_t r = 0; r < RULES; r++) {
        const bp_stop_rule stop = bp_stop_epochs(60);
        bp_trainer_options options = options_for(&rules[r], &stop, 5);
        pair both = make_pair(example_network(2), &options);
        const bp_result result = train_until(both.trainer, &training, &validation, BP_STOP_EPOCHS);
        const double error = error_of(both.net, &validation) / (double)validation.cases;
        assert_true(result.best_epoch > 0);
        assert_close(error, result.validation_error, TOLERANCE(1e-5, 1e-12) * error);
        end_pair(&both);
    }
}

/* A search leaves everything as it was, and finds a rate by which E falls. */
static void test_the_search_for_a_rate(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    for (size_t r = 0; r < RULES; r++) {
        const bp_stop_rule stop = bp_stop_epochs(30);
        bp_trainer_options options = options_for(&rules[r], &stop, 8);
        pair plain = make_pair(drawn_curve_network(), &options),
             searched = make_pair(drawn_curve_network(), &options);
        train_until(plain.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(searched.trainer, &data, NULL, BP_STOP_EPOCHS);
        bp_rate_search found;
        bp_rate_search_init(&found, sizeof found);
        assert_ok(bp_trainer_find_learning_rate(searched.trainer, &data, &found));
        assert_true(found.learning_rate > 0 && isfinite(found.learning_rate));
        train_until(plain.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(searched.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(plain.net, searched.net);
        end_pair(&plain);
        end_pair(&searched);
    }
}

static void test_untouched_options_but_the_rule(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    for (size_t r = 0; r < RULES; r++) {
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.optimizer = rules[r].with_rate(BP_RATE_AUTO);
        pair both = make_pair(drawn_curve_network(), &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
        print_message("%-12s rate %.2g, %zu epochs, E %.3g\n", rules[r].name,
                      bp_trainer_learning_rate(both.trainer), result.epochs, result.mean_error);
        assert_true(result.mean_error < 0.05); /* of targets with a variance of 1, half of it 0.5 */
        end_pair(&both);
    }
}

static void test_starts(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    const bp_stop_rule stop = bp_stop_epochs(20);
    for (size_t r = 0; r < RULES; r++) {
        outcome one, three;
        bp_trainer_options options = options_for(&rules[r], &stop, 8);
        const bp_starts_options by_one = starts_with(5, 1, 1), by_three = starts_with(5, 3, 1);
        train_from_starts(&one, curve_network(), &options, &data, NULL, &by_one);
        train_from_starts(&three, curve_network(), &options, &data, NULL, &by_three);
        assert_same_outcome(&one, &three);
        end_outcome(&one);
        end_outcome(&three);
    }
}

static void test_cross_validation(void **state)
{
    (void)state;
    const bp_stop_rule stop = bp_stop_epochs(20);
    for (size_t r = 0; r < RULES; r++) {
        static cross_outcome one, three;
        bp_dataset *curve = cross_curve();
        bp_network *net = cross_curve_network();
        bp_trainer_options options = options_for(&rules[r], &stop, 8);
        const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 4, 1, 0);
        const bp_cross_options by_one = cross_with(&folds, 1, 1), by_three = cross_with(&folds, 3, 1);
        cross_outcome_init(&one);
        cross_outcome_init(&three);
        assert_ok(bp_cross_validate(net, &options, curve, &by_one, one.each, one.predictions, &one.summary));
        assert_ok(bp_cross_validate(net, &options, curve, &by_three, three.each, three.predictions,
                                    &three.summary));
        assert_same_cross_outcome(&one, &three, 4);
        bp_network_destroy(net);
        bp_dataset_destroy(curve);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_fused_updates_do_not_matter),
        cmocka_unit_test(test_frozen_weights_and_factors),
        cmocka_unit_test(test_continued_and_reset_trainings),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_learning_until_a_stopping_rule_fires),
        cmocka_unit_test(test_validation_and_best_weights),
        cmocka_unit_test(test_the_search_for_a_rate),
        cmocka_unit_test(test_untouched_options_but_the_rule),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_cross_validation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
