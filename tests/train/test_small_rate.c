/* The check for a learning rate that is too small: what it reports, and that it leaves no trace. */
#include <math.h>
#include <string.h>

#include "train/types.h"
#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define SMALL_RATE (0.003 * WAVE_RATE)
#define SMALL_STEP 1e-4 /* of Adam */
enum { EPOCHS = 130 };  /* the check wants 128 updates */

/* --------------------------------------------------------------------- what it reports */

static void test_a_small_rate(void **state)
{
    (void)state;
    const struct {
        size_t batch_size;
        bool sum;
    } ways[] = {{BP_BATCH_AUTO, false}, {0, false}, {1, false}, {WAVE_BATCH, true}};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(ways); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            bp_stop_rule rule;
            const double rate = SMALL_RATE / (ways[i].sum || ways[i].batch_size == 1 ? WAVE_BATCH : 1);
            bp_trainer_options options = wave_options(&rule, rate, 200);
            options.batch_size = ways[i].batch_size;
            options.reduction = ways[i].sum ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
            pair both = make_pair(wave_network(seed), &options);
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
            const bp_finding found =
                assert_found(both.trainer, BP_FINDING_RATE_TOO_SMALL,
                             "is too small: an update ten times as large", "BP_RATE_AUTO");
            assert_int_equal(found.severity, BP_SEVERITY_WARNING);
            assert_int_equal(found.epoch, 200);
            assert_true(found.values[0] == rate && found.values[1] > 7 && found.values[1] < 11);
            assert_close(found.values[2], 10 * rate, 1e-12);
            end_pair(&both);
        }
}

/* ----------------------------------------------- rules whose rate is the size of a step */

static bp_optimizer step_rule(size_t i, double rate)
{
    const bp_optimizer rules[] = {bp_optimizer_adam(rate, 0.9, 0.999, 1e-8),
                                  bp_optimizer_adamw(rate, 0.9, 0.999, 1e-8, 0.01),
                                  bp_optimizer_rmsprop(rate, 0.9), bp_optimizer_adagrad(rate)};
    return rules[i];
}
enum { STEP_RULES = 4 };

static const size_t step_batches[] = {0, BP_BATCH_AUTO, 1};

static double found_rate(size_t rule, size_t batch_size, uint64_t seed, const bp_data *data)
{
    bp_stop_rule unused;
    bp_trainer_options options = wave_options(&unused, 0.1, 1);
    bp_rate_search search;
    bp_rate_search_init(&search, sizeof search);
    options.optimizer = step_rule(rule, BP_RATE_AUTO);
    options.batch_size = batch_size;
    pair both = make_pair(wave_network(seed), &options);
    assert_ok(bp_trainer_find_learning_rate(both.trainer, data, &search));
    end_pair(&both);
    return search.learning_rate;
}

/* The finding after a run of some hundred updates, or 2,000 of single cases; false: there is none. */
static bool find_small_step(size_t rule, size_t batch_size, uint64_t seed, double rate, const bp_data *data,
                            bp_finding *found)
{
    bp_stop_rule limit;
    bp_trainer_options options = wave_options(&limit, rate, batch_size == 1 ? 20 : 200);
    options.optimizer = step_rule(rule, rate);
    options.batch_size = batch_size;
    pair both = make_pair(wave_network(seed), &options);
    train_until(both.trainer, data, NULL, BP_STOP_EPOCHS);
    const bool is_found = find_finding(both.trainer, BP_FINDING_RATE_TOO_SMALL, found);
    end_pair(&both);
    return is_found;
}

/* A hundredth and a thousandth of a rate that is found are too small; it is not, nor are larger ones. By
 * single cases the noise may leave nothing to a larger rate. */
static void test_small_steps(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    const double shares[] = {0.001, 0.01, 1, 3, 10, 30, 100};
    for (size_t rule = 0; rule < STEP_RULES; rule++)
        for (size_t b = 0; b < COUNT(step_batches); b++)
            for (uint64_t seed = 1; seed <= 3; seed++) {
                const double good = found_rate(rule, step_batches[b], seed, &data);
                for (size_t i = 0; i < COUNT(shares); i++) {
                    bp_finding found;
                    const double rate = shares[i] * good;
                    const bool is_found = find_small_step(rule, step_batches[b], seed, rate, &data, &found);
                    if (shares[i] >= 1 || step_batches[b] != 1)
                        assert_int_equal(is_found, shares[i] < 1);
                    if (is_found)
                        assert_true(found.values[0] == rate && found.values[1] > 7 && found.values[2] < 1);
                }
            }
}

/* Where early gradients have left Adagrad only tiny steps, a rate ten times as large is advised as long as it
 * would not move weights by more than their usual size. */
static void test_rates_that_are_large_for_weights(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    const double rates[] = {0.09, 0.11};
    for (size_t i = 0; i < COUNT(rates); i++) {
        bp_stop_rule limit;
        bp_trainer_options options = wave_options(&limit, rates[i], 50);
        options.optimizer = bp_optimizer_adagrad(rates[i]);
        pair both = make_pair(wave_network(1), &options);
        const optimizer_state *sums = &both.trainer->state;
        for (size_t k = 0; k < both.net->weight_count; k++)
            sums->vectors[k] = 1e4;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        bp_finding found;
        assert_int_equal(find_finding(both.trainer, BP_FINDING_RATE_TOO_SMALL, &found), i == 0);
        end_pair(&both);
    }
}

/* Is it reported after a run with these options? */
static bool is_reported(const bp_trainer_options *options, const bp_data *data)
{
    pair both = make_pair(wave_network(1), options);
    bp_finding found;
    assert_ok(bp_trainer_run(both.trainer, data, NULL, NULL));
    const bool reported = find_finding(both.trainer, BP_FINDING_RATE_TOO_SMALL, &found);
    end_pair(&both);
    return reported;
}

static bp_status only_listen(void *context, const bp_gradient_batch *seen, bp_gradient_reply *reply)
{
    (void)context, (void)seen, (void)reply;
    return BP_OK;
}

static double half_square(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    (void)context;
    double error = 0;
    for (size_t i = 0; i < units; i++) {
        error += ((double)y[i] - (double)d[i]) * ((double)y[i] - (double)d[i]) / 2;
        if (derivative != NULL)
            derivative[i] = y[i] - d[i];
    }
    return error;
}

static int end_it(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer;
    return progress->epoch == 190;
}

static void test_where_it_says_nothing(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    const bp_trainer_options small = wave_options(&rule, SMALL_RATE, 200);
    assert_true(is_reported(&small, &data));

    bp_trainer_options other = small; /* several machines would look at different cases */
    other.on_gradient = only_listen;
    assert_false(is_reported(&other, &data));
    other = small; /* nobody knows the error of constant outputs */
    other.loss = bp_loss_custom(half_square, NULL);
    assert_false(is_reported(&other, &data));
    other = small; /* the caller had enough */
    other.on_epoch = end_it;
    assert_false(is_reported(&other, &data));
    other = small;
    other.optimizer.learning_rate = WAVE_RATE;
    assert_false(is_reported(&other, &data));

    rule = bp_stop_epochs(20); /* 80 updates are too few */
    assert_false(is_reported(&small, &data));
}

/* Where E is small already, no rate would be worth another. */
static void test_nothing_is_left_to_gain(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, WAVE_RATE, 300);
    pair both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_ok(bp_trainer_set_learning_rate(both.trainer, SMALL_RATE));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_RATE_TOO_SMALL);
    end_pair(&both);
}

/* ------------------------------------------------------------------------- no trace */

typedef struct way {
    size_t cases, batch_size;
    int shuffle;
    bool validated;
    double rate;
    bool is_adam;
} way;

static bp_network *train(const way *how, size_t runs)
{
    bp_stop_rule rule;
    const bp_data data = wave_of(how->cases), validation = wave_validation();
    bp_trainer_options options = wave_options(&rule, how->rate, 2 * EPOCHS / runs);
    options.batch_size = how->batch_size;
    options.shuffle = how->shuffle;
    if (how->is_adam)
        options.optimizer = step_rule(0, how->rate);
    pair both = make_pair(wave_network(3), &options);
    bp_finding found;
    for (size_t i = 0; i < runs; i++) {
        train_until(both.trainer, &data, how->validated ? &validation : NULL, BP_STOP_EPOCHS);
        if (i == 0)
            assert_true(find_finding(both.trainer, BP_FINDING_RATE_TOO_SMALL, &found));
    }
    bp_trainer_destroy(both.trainer);
    return both.net;
}

/* Weights, state of the optimizer and order of the cases: two runs, of which the first has been checked, are
 * one. With 2400 cases the check looks at 2000 of them. */
static void test_two_runs_are_one(void **state)
{
    (void)state;
    const way ways[] = {
        {WAVE_CASES, 0, 1, false, SMALL_RATE, false},
        {WAVE_CASES, BP_BATCH_AUTO, 1, false, SMALL_RATE, false},
        {WAVE_CASES, 1, 1, false, SMALL_RATE / WAVE_BATCH, false},
        {WAVE_CASES, 1, 0, false, SMALL_RATE / WAVE_BATCH, false},
        {WAVE_CASES, 7, 0, false, SMALL_RATE, false},
        {WAVE_CASES, BP_BATCH_AUTO, 1, true, SMALL_RATE, false},
        {WAVE_CASES, 1, 1, true, SMALL_RATE / WAVE_BATCH, false},
        {WAVE_MOST, 1, 1, false, SMALL_RATE / 1000, false},
        {WAVE_MOST, BP_BATCH_AUTO, 1, true, SMALL_RATE / 10, false},
        {WAVE_CASES, 33, 1, false, SMALL_RATE, false},
        {WAVE_CASES, 0, 1, false, SMALL_STEP, true},
        {WAVE_CASES, BP_BATCH_AUTO, 1, true, SMALL_STEP, true},
        {WAVE_CASES, 33, 0, false, SMALL_STEP, true},
        {WAVE_CASES, 1, 1, false, SMALL_STEP / 10, true},
        {WAVE_MOST, BP_BATCH_AUTO, 1, false, SMALL_STEP / 10, true},
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        bp_network *one = train(&ways[i], 1), *two = train(&ways[i], 2);
        assert_same_weights(one, two);
        bp_network_destroy(one);
        bp_network_destroy(two);
    }
}

/* A run that ends within an epoch leaves the weights that the epoch began with to the next one, which may
 * need them. */
static bp_network *train_updates(uint64_t updates, size_t runs)
{
    const bp_data data = wave_training();
    const bp_stop_rule rule = bp_stop_updates(updates);
    bp_stop_rule unused;
    bp_trainer_options options = wave_options(&unused, SMALL_RATE, 1);
    options.stop_rules = &rule;
    options.learning_rate_schedule = bp_schedule_bold_driver(SMALL_RATE, 1.0001, 0.5);
    pair both = make_pair(wave_network(1), &options);
    for (size_t i = 0; i < runs; i++) {
        train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        if (i == 0)
            assert_found(both.trainer, BP_FINDING_RATE_TOO_SMALL, NULL, NULL);
        if (i == 0 && runs > 1) {
            const bp_trainer *trainer = both.trainer;
            assert_true(trainer->epoch.begun);
            assert_true(memcmp(trainer->weights_snapshot, trainer->network->weights,
                               trainer->network->weight_count * sizeof(bp_real)) != 0);
        }
    }
    bp_trainer_destroy(both.trainer);
    return both.net;
}

static void test_a_run_that_ends_within_an_epoch(void **state)
{
    (void)state;
    bp_network *one = train_updates(4006, 1), *two = train_updates(2003, 2);
    assert_same_weights(one, two);
    bp_network_destroy(one);
    bp_network_destroy(two);
}

/* The weights handed back are those of the last epoch, to the bit. */
static int keep_weights(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)progress;
    memcpy(context, trainer->network->weights, trainer->network->weight_count * sizeof(bp_real));
    return 0;
}

static void test_the_weights_stay(void **state)
{
    (void)state;
    bp_real last[64];
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, SMALL_RATE, EPOCHS);
    options.on_epoch = keep_weights;
    options.on_epoch_context = last;
    pair both = make_pair(wave_network(1), &options);
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_found(both.trainer, BP_FINDING_RATE_TOO_SMALL, NULL, NULL);
    size_t count;
    const bp_real *weights = bp_network_weights(both.net, &count);
    assert_memory_equal(weights, last, count * sizeof *last);
    bp_result again = empty_result(); /* E of these weights, too */
    bp_trainer_options next = wave_options(&rule, 1e-30, 1);
    next.weight_decay = 0;
    bp_trainer *trainer = make_trainer(both.net, &next);
    assert_ok(bp_trainer_run(trainer, &data, NULL, &again));
    assert_close(result.error, again.error, 1e-12);
    bp_trainer_destroy(trainer);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_rate),
        cmocka_unit_test(test_small_steps),
        cmocka_unit_test(test_rates_that_are_large_for_weights),
        cmocka_unit_test(test_where_it_says_nothing),
        cmocka_unit_test(test_nothing_is_left_to_gain),
        cmocka_unit_test(test_two_runs_are_one),
        cmocka_unit_test(test_a_run_that_ends_within_an_epoch),
        cmocka_unit_test(test_the_weights_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
