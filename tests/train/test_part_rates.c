/*
 * Frozen weights and factors on learning rate and decay: each weight's updates against plain loops in double,
 * with the settings read back through the public calls; the same bits on every path and for every number of
 * threads.
 */
#include "train/part_rates.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/loss.h"
#include "engine/loss_check.h"
#include "reference/random_network.h"
#include "train/momentum.h"
#include "train/train_example.h"
#include "train/weight_decay.h"

/* ------------------------------------------------------------------------ settings */

/* What an update of each weight is multiplied by. */
typedef struct own_rates {
    size_t count;
    bool *frozen;
    double *rate, *decay;
} own_rates;

static void set_range(const own_rates *rates, size_t first, size_t count, bool frozen, double rate,
                      double decay)
{
    for (size_t i = first; i < first + count; i++) {
        rates->frozen[i] = frozen;
        rates->rate[i] = rate;
        rates->decay[i] = decay;
    }
}

static own_rates read_rates(const bp_network *net, bool decay_biases)
{
    own_rates rates;
    bp_network_weights(net, &rates.count);
    rates.frozen = calloc(rates.count, sizeof *rates.frozen);
    rates.rate = calloc(rates.count, sizeof *rates.rate);
    rates.decay = calloc(rates.count, sizeof *rates.decay);
    assert_true(rates.frozen != NULL && rates.rate != NULL && rates.decay != NULL);
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *c = bp_network_connection(net, i);
        set_range(&rates, bp_connection_offset(c), bp_connection_weight_count(c),
                  !bp_connection_is_trainable(c), bp_connection_rate_factor(c),
                  bp_connection_decay_factor(c));
    }
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        set_range(&rates, bp_layer_bias_offset(layer), bp_layer_bias_count(layer),
                  !bp_layer_bias_is_trainable(layer), bp_layer_bias_rate_factor(layer),
                  decay_biases ? bp_layer_bias_decay_factor(layer) : 0);
    }
    return rates;
}

static void free_rates(own_rates *rates)
{
    free(rates->frozen);
    free(rates->rate);
    free(rates->decay);
}

static void set_randomly(bp_network *net, uint64_t seed)
{
    static const double rates[] = {1, 1, 0.25, 3}, decays[] = {1, 1, 0, 2.5};
    uint64_t state = seed;
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        bp_connection *c = bp_network_connection(net, i);
        assert_ok(bp_connection_set_trainable(c, test_below(&state, 3) > 0));
        assert_ok(bp_connection_set_rate_factor(c, rates[test_below(&state, 4)]));
        assert_ok(bp_connection_set_decay_factor(c, decays[test_below(&state, 4)]));
    }
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        bp_layer *layer = bp_network_layer(net, i);
        if (bp_layer_bias_count(layer) == 0)
            continue;
        assert_ok(bp_layer_set_bias_trainable(layer, test_below(&state, 3) > 0));
        assert_ok(bp_layer_set_bias_rate_factor(layer, rates[test_below(&state, 4)]));
        assert_ok(bp_layer_set_bias_decay_factor(layer, decays[test_below(&state, 4)]));
    }
    /* Something must be trained. */
    assert_ok(bp_layer_set_trainable(bp_network_layer(net, bp_network_layer_count(net) - 1), 1));
}

/* -------------------------------------------------------------------------- oracle */

enum { EPOCHS = 3 };

/* Plain loops: case by case, or all cases in one batch; eq. 9 with each weight's own rate and decay. */
static double train_reference(const random_network *random, const own_rates *rates,
                              const bp_trainer_options *options, double *weights)
{
    reference *ref = random->ref;
    const size_t step = options->batch_size == 1 ? 1 : random->data.cases;
    const double rate = options->optimizer.learning_rate, momentum = options->optimizer.momentum;
    double *last = calloc(rates->count, sizeof *last), *gradient = calloc(rates->count, sizeof *gradient);
    double kink = INFINITY;
    assert_true(last != NULL && gradient != NULL);
    memcpy(weights, ref->weights, rates->count * sizeof *weights);
    for (size_t start = 0; start < EPOCHS * random->data.cases; start += step) {
        bp_data cases = random->data;
        const size_t first = start % cases.cases;
        cases.cases = step;
        cases.inputs += first * (cases.input_stride == 0 ? cases.input_width : cases.input_stride);
        cases.targets += first * (cases.target_stride == 0 ? cases.target_width : cases.target_stride);
        if (cases.case_weights != NULL)
            cases.case_weights += first;
        reference_run(ref, &cases, random->ref_loss, &(reference_result){.gradient = gradient});
        kink = fmin(kink, ref->closest_kink);
        const double divisor = options->reduction == BP_REDUCE_MEAN ? (double)step : 1;
        for (size_t i = 0; i < rates->count; i++) {
            if (rates->frozen[i])
                continue;
            last[i] = -rate * rates->rate[i] * (gradient[i] / divisor) + momentum * last[i];
            ref->weights[i] = (ref->weights[i] + last[i]) * (1 - options->weight_decay * rates->decay[i]);
        }
    }
    for (size_t i = 0; i < rates->count; i++) { /* the reference's weights are as before */
        const double trained = ref->weights[i];
        ref->weights[i] = weights[i];
        weights[i] = trained;
    }
    free(last);
    free(gradient);
    return kink;
}

static bp_status only_look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context, (void)info, (void)reply;
    return BP_OK;
}

static bp_network *trained(const random_network *random, const bp_trainer_options *options)
{
    bp_network *net = NULL;
    assert_ok(bp_network_copy(&net, random->net));
    bp_trainer *trainer = make_trainer(net, options);
    trainer->workspace->min_chunk_cost = 1; /* so that threads have something to do */
    assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
    bp_trainer_destroy(trainer);
    return net;
}

static void assert_close_weights(const bp_network *net, const bp_network *start, const own_rates *rates,
                                 const double *wanted)
{
    const bp_real *weights = bp_network_weights(net, NULL), *before = bp_network_weights(start, NULL);
    double change = 0, largest = 0;
    for (size_t i = 0; i < rates->count; i++) {
        change = test_larger(change, fabs(wanted[i] - (double)before[i]));
        largest = test_larger(largest, fabs(wanted[i]));
    }
    const double tolerance = TOLERANCE(1e-3, 1e-9) * change + TOLERANCE(1e-6, 1e-14) * largest;
    for (size_t i = 0; i < rates->count; i++) {
        if (rates->frozen[i])
            assert_memory_equal(&weights[i], &before[i], sizeof weights[i]);
        else if (!(fabs((double)weights[i] - wanted[i]) <= tolerance))
            fail_msg("weight %zu is %.9g instead of %.9g", i, (double)weights[i], wanted[i]);
    }
}

/* The same bits with the gradient seen in between, and for any number of threads. */
static void assert_same_on_all_paths(const random_network *random, bp_trainer_options options,
                                     const bp_network *wanted)
{
    static const size_t threads[] = {1, 2, 3, 8};
    for (size_t i = 0; i < 2 * sizeof threads / sizeof threads[0]; i++) {
        options.threads = threads[i / 2];
        options.on_gradient = i % 2 == 0 ? only_look : NULL;
        bp_network *net = trained(random, &options);
        assert_same_weights(net, wanted);
        bp_network_destroy(net);
    }
}

static bp_trainer_options random_options(const random_network *random, const bp_stop_rule *rule,
                                         uint64_t seed)
{
    bp_trainer_options options = options_with(rule, 1);
    options.loss = random->loss;
    options.optimizer = bp_optimizer_momentum(1e-4, seed % 3 == 0 ? 0 : 0.9);
    options.weight_decay = seed % 2 == 0 ? 0 : 0.01;
    options.no_bias_decay = seed % 5 == 0;
    options.reduction = seed % 7 < 3 ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
    options.batch_size = seed % 4 == 0;
    options.shuffle = 0;
    options.scale_data = 0;
    return options;
}

/* Returns whether the oracle can say what the weights must be. */
static bool check_network(random_network *random, uint64_t seed)
{
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    const bp_trainer_options options = random_options(random, &rule, seed);
    set_randomly(random->net, seed);
    own_rates rates = read_rates(random->net, !options.no_bias_decay);
    double *wanted = calloc(rates.count, sizeof *wanted);
    assert_non_null(wanted);
    const bool is_smooth = train_reference(random, &rates, &options, wanted) > 1e-4;
    bp_network *net = trained(random, &options);
    if (is_smooth)
        assert_close_weights(net, random->net, &rates, wanted);
    assert_same_on_all_paths(random, options, net);
    bp_network_destroy(net);
    free(wanted);
    free_rates(&rates);
    return is_smooth;
}

static void test_random_networks_follow_plain_loops(void **state)
{
    (void)state;
    size_t smooth = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        random_network *random = random_network_create(seed);
        if (bpi_loss_check_teaches("", random->net) == BP_OK)
            smooth += check_network(random, seed);
        random_network_destroy(random);
    }
    assert_true(smooth > 60);
}

/* Small networks, online and in batches, which have paths of their own where weights are trained alike. */
static void test_random_chains_follow_plain_loops(void **state)
{
    (void)state;
    size_t smooth = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        random_network *random = random_chain_create(seed);
        smooth += check_network(random, seed);
        random_network_destroy(random);
    }
    assert_true(smooth > 60);
}

/* -------------------------------------------------------- factors of 1, biases without decay */

/* Settings that are made and taken back again leave nothing, not even another path. */
static void test_default_settings_change_no_bit(void **state)
{
    (void)state;
    const size_t batches[] = {1, 5, 0};
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(4);
    for (size_t i = 0; i < 3; i++) {
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = batches[i];
        pair plain = make_pair(example_network(1), &options), set = make_pair(example_network(1), &options);
        assert_ok(bp_network_set_trainable(set.net, 0));
        assert_ok(bp_network_set_trainable(set.net, 1));
        assert_ok(bp_connection_set_rate_factor(bp_network_connection(set.net, 0), 0.5));
        assert_ok(bp_connection_set_rate_factor(bp_network_connection(set.net, 0), 1));
        train_until(plain.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(set.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_null(set.trainer->workspace->parts);
        assert_same_weights(plain.net, set.net);
        end_pair(&plain);
        end_pair(&set);
    }
}

/* The option is a decay factor of 0 for all biases. */
static void test_biases_without_decay(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(4);
    for (int decays = 0; decays < 2; decays++) {
        bp_trainer_options options = options_with(&rule, 1);
        options.weight_decay = decays ? 0.01 : 0;
        pair set = make_pair(example_network(1), &options);
        options.no_bias_decay = 1;
        pair none = make_pair(example_network(1), &options);
        for (size_t i = 0; i < bp_network_layer_count(set.net); i++)
            if (bp_layer_has_bias(bp_network_layer(set.net, i)))
                assert_ok(bp_layer_set_bias_decay_factor(bp_network_layer(set.net, i), 0));
        train_until(set.trainer, &data, NULL, BP_STOP_EPOCHS);
        train_until(none.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(none.trainer->workspace->parts != NULL, decays);
        assert_alike_weights(set.net, none.net);
        end_pair(&set);
        end_pair(&none);
    }
}

/* A decay that the library chooses belongs to a term of E: it follows the rate, within its limit. */
static void test_a_chosen_decay_follows_the_rate(void **state)
{
    (void)state;
    bp_trainer trainer = {.rule = &bpi_momentum_rule,
                          .options.weight_decay = BP_DECAY_AUTO,
                          .learning_rate = 0.01,
                          .momentum = 0.9,
                          .decay_unit = 1,
                          .decay_strength = 0.02};
    assert_close(bpi_decay_with(&trainer, 1, 1), 0.002, 1e-14);
    assert_close(bpi_decay_with(&trainer, 0.1, 3), 0.0006, 1e-14);
    assert_close(bpi_decay_with(&trainer, 100, 100), 0.1, 1e-14);
    trainer.options.weight_decay = 0.002;
    assert_close(bpi_decay_with(&trainer, 0.1, 3), 0.006, 1e-14);
}

/* AdamW's own decay: twice the factor is twice the decay, for these weights alone. */
static void test_own_decay_has_the_factor(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_network *nets[3];
    for (size_t i = 0; i < 3; i++) {
        bp_trainer_options options = options_with(&rule, 1);
        options.optimizer = bp_optimizer_adamw(0.01, 0.9, 0.999, 1e-8, i == 1 ? 0.5 : 0.25);
        options.batch_size = 0;
        pair both = make_pair(nets[i] = example_network(1), &options);
        for (size_t k = 0; i == 2 && k < bp_network_connection_count(nets[i]); k++)
            assert_ok(bp_connection_set_decay_factor(bp_network_connection(nets[i], k), 2));
        for (size_t k = 1; i == 2 && k < bp_network_layer_count(nets[i]); k++)
            assert_ok(bp_layer_set_bias_decay_factor(bp_network_layer(nets[i], k), 2));
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        bp_trainer_destroy(both.trainer);
    }
    assert_false(same_weights(nets[0], nets[1]));
    assert_alike_weights(nets[2], nets[1]);
    for (size_t i = 0; i < 3; i++)
        bp_network_destroy(nets[i]);
}

/* ------------------------------------------------------------------------- refusals */

static void test_what_is_refused(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.weight_decay = 0.25;
    pair both = make_pair(example_network(1), &options);
    bp_network *before = NULL;
    assert_ok(bp_network_copy(&before, both.net));
    bp_rate_search search;
    bp_rate_search_init(&search, sizeof search);
    bp_connection *first = bp_network_connection(both.net, 0);

    assert_ok(bp_network_set_trainable(both.net, 0));
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_STATE, "all weights are frozen");
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_STATE,
                 "bp_trainer_find_learning_rate: all weights are frozen");
    assert_ok(bp_network_set_trainable(both.net, 1));
    assert_ok(bp_connection_set_decay_factor(first, 4));
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_ARGUMENT,
                 "weight_decay 0.25 times the decay factor 4 is 1, it must be < 1");
    assert_same_weights(both.net, before);
    assert_ok(bp_connection_set_trainable(first, 0)); /* frozen weights do not decay */
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_network_destroy(before);
    end_pair(&both);

    options.no_bias_decay = 2;
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT, "no_bias_decay is 2");
    bp_network_destroy(net);
}

static bp_status leave_as_is(void *context, const bp_step *step)
{
    (void)context, (void)step;
    return BP_OK;
}

/* The message names the weights, the rule, and why that rule cannot heed the factor. */
static void test_rules_that_need_equal_rates(void **state)
{
    (void)state;
    bp_rule lion;
    bp_rule_init(&lion, sizeof lion);
    lion.name = "Lion";
    lion.update = leave_as_is;
    const struct {
        bp_optimizer optimizer;
        const char *message;
    } all[] = {
        {bp_optimizer_custom(&lion, 0.1), "the optimizer Lion is given one rate for all weights"},
        {bp_optimizer_scg(), "the optimizer SCG has no learning rate"},
        {bp_optimizer_lbfgs(5), "the optimizer L-BFGS has no learning rate"},
        {bp_optimizer_levenberg_marquardt(), "the optimizer Levenberg-Marquardt has no learning rate"},
    };
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        options.optimizer = all[i].optimizer;
        pair both = make_pair(example_network(1), &options);
        bp_connection *first = bp_network_connection(both.net, 0);
        assert_ok(bp_connection_set_rate_factor(first, 0.5));
        assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED, all[i].message);
        assert_non_null(strstr(bp_error_message(),
                               "connection 'input' -> 'hidden': the factor on the learning rate is 0.5"));
        assert_ok(bp_connection_set_trainable(first, 0)); /* the factors of frozen weights do not matter */
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
        assert_ok(bp_layer_set_bias_rate_factor(bp_network_layer(both.net, 2), 3));
        assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED,
                     "the biases of layer 'output': the factor on the learning rate is 3");
        end_pair(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_follow_plain_loops),
        cmocka_unit_test(test_random_chains_follow_plain_loops),
        cmocka_unit_test(test_default_settings_change_no_bit),
        cmocka_unit_test(test_biases_without_decay),
        cmocka_unit_test(test_a_chosen_decay_follows_the_rate),
        cmocka_unit_test(test_own_decay_has_the_factor),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_rules_that_need_equal_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
