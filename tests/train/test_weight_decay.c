/* The weight decay that a trainer chooses: each update follows it, and every start has it. */
#include <math.h>

#include "train/decay_example.h"
#include "train/raw_example.h"
#include "train/starts_example.h"

/* Eq. 9 with decay for the linear network, in plain double loops. */
typedef struct plan {
    size_t cases, batch_size, epochs;
    bool sum;
    double rates[2], momenta[2]; /* of the first 3 epochs, and of the others */
} plan;
enum { SWITCH = 3 };

static void follow(const plan *how, const bp_data *data, double *weights)
{
    const double strength_of_all = wanted_decay(data);
    double change[DECAY_WEIGHTS] = {0};
    for (size_t epoch = 0; epoch < how->epochs; epoch++)
        for (size_t first = 0; first < how->cases; first += how->batch_size) {
            const double rate = how->rates[epoch >= SWITCH], momentum = how->momenta[epoch >= SWITCH];
            const size_t left = how->cases - first, count = left < how->batch_size ? left : how->batch_size;
            double gradient[DECAY_WEIGHTS] = {0};
            for (size_t i = first; i < first + count; i++) {
                const bp_real *x = data->inputs + i * DECAY_INPUTS;
                double y = weights[DECAY_INPUTS];
                for (size_t j = 0; j < DECAY_INPUTS; j++)
                    y += weights[j] * (double)x[j];
                for (size_t j = 0; j < DECAY_WEIGHTS; j++)
                    gradient[j] += (y - (double)data->targets[i]) * (j < DECAY_INPUTS ? (double)x[j] : 1);
            }
            const double step = rate / (1 - momentum) * (how->sum ? (double)how->batch_size : 1);
            const double decay = fmin(0.1, step * strength_of_all);
            for (size_t j = 0; j < DECAY_WEIGHTS; j++) {
                change[j] = -rate * gradient[j] / (how->sum ? 1 : (double)count) + momentum * change[j];
                weights[j] = (weights[j] + change[j]) * (1 - decay);
            }
        }
}

static bp_network *train(const plan *how, const bp_data *data)
{
    const bp_stop_rule rule = bp_stop_epochs(how->epochs);
    bp_trainer_options options = decay_options(&rule);
    options.optimizer = bp_optimizer_momentum(how->rates[0], how->momenta[0]);
    options.learning_rate_schedule = bp_schedule_switch(how->rates[0], SWITCH, how->rates[1]);
    options.momentum_schedule = bp_schedule_switch(how->momenta[0], SWITCH, how->momenta[1]);
    options.reduction = how->sum ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
    options.batch_size = how->batch_size;
    options.shuffle = 0;
    pair both = make_pair(decay_linear_network(), &options);
    train_until(both.trainer, data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(both.trainer);
    return both.net;
}

static void assert_near(const bp_network *net, const double *wanted)
{
    const bp_real *weights = bp_network_weights(net, NULL);
    for (size_t i = 0; i < DECAY_WEIGHTS; i++)
        assert_true(fabs((double)weights[i] - wanted[i]) < TOLERANCE(2e-5, 1e-12));
}

static void follow_from_start(const plan *how, const bp_data *data, double *weights)
{
    bp_network *net = decay_linear_network();
    for (size_t i = 0; i < DECAY_WEIGHTS; i++)
        weights[i] = (double)bp_network_weights(net, NULL)[i];
    bp_network_destroy(net);
    follow(how, data, weights);
}

/* Online, small batches with a smaller last one, all cases; sum and mean; schedules of rate and momentum. */
static void test_updates_follow_rate_and_momentum(void **state)
{
    (void)state;
    const plan plans[] = {
        {60, 60, 6, false, {0.3, 0.1}, {0.5, 0.9}},   {60, 16, 6, false, {0.1, 0.2}, {0.9, 0}},
        {60, 1, 6, false, {0.02, 0.01}, {0, 0.5}},    {60, 60, 6, true, {0.004, 0.001}, {0, 0.9}},
        {60, 16, 6, true, {0.002, 0.004}, {0.5, 0}},  {60, 1, 6, true, {0.02, 0.01}, {0, 0.5}},
        {200, 32, 5, false, {0.05, 0.1}, {0.5, 0.5}},
    };
    for (size_t i = 0; i < COUNT(plans); i++) {
        const bp_data data = decay_data(plans[i].cases);
        bp_network *net = train(&plans[i], &data);
        double wanted[DECAY_WEIGHTS];
        follow_from_start(&plans[i], &data, wanted);
        assert_near(net, wanted);
        bp_network_destroy(net);
    }
}

/* The rate of a sum over 20 cases is 20 times smaller, and means the same decay. */
static void test_sum_and_mean_agree(void **state)
{
    (void)state;
    const plan mean = {60, 20, 6, false, {0.2, 0.1}, {0.5, 0.9}},
               sum = {60, 20, 6, true, {0.01, 0.005}, {0.5, 0.9}};
    const bp_data data = decay_data(60);
    bp_network *a = train(&mean, &data), *b = train(&sum, &data);
    double weights[DECAY_WEIGHTS];
    for (size_t i = 0; i < DECAY_WEIGHTS; i++)
        weights[i] = (double)bp_network_weights(b, NULL)[i];
    assert_near(a, weights);
    bp_network_destroy(a);
    bp_network_destroy(b);
}

/* Where outputs are the targets the derivatives are 0, and only decay changes the weights. */
static double shrunk_by(double rate)
{
    enum { SAME = 50 };
    static const double weights[] = {1, -0.5, 2};
    bp_real inputs[SAME * DECAY_INPUTS], targets[SAME];
    for (size_t i = 0; i < SAME; i++) {
        const size_t size = 1 + i % 2; /* three values: no truth table */
        for (size_t j = 0; j < DECAY_INPUTS; j++)
            inputs[i * DECAY_INPUTS + j] = (bp_real)(j == i % DECAY_INPUTS ? size : 0);
        targets[i] = (bp_real)((double)size * weights[i % DECAY_INPUTS] + 0.25);
    }
    const bp_data data = bp_data_view(SAME, inputs, DECAY_INPUTS, targets, 1);
    const plan how = {SAME, SAME, 1, false, {rate, rate}, {0, 0}};
    bp_network *net = train(&how, &data), *fresh = decay_linear_network();
    const double factor =
        (double)bp_network_weights(net, NULL)[0] / (double)bp_network_weights(fresh, NULL)[0];
    for (size_t i = 0; i < DECAY_WEIGHTS; i++)
        assert_close(bp_network_weights(net, NULL)[i], factor * (double)bp_network_weights(fresh, NULL)[i],
                     TOLERANCE(1e-6, 1e-14));
    bp_network_destroy(net);
    bp_network_destroy(fresh);
    return 1 - factor;
}

static void test_no_update_shrinks_a_weight_by_more_than_a_tenth(void **state)
{
    (void)state;
    const double weak = shrunk_by(1);
    assert_true(weak > 0 && weak < 0.05);
    assert_close(shrunk_by(2), 2 * weak, TOLERANCE(1e-4, 1e-12));
    assert_close(shrunk_by(1000), 0.1, TOLERANCE(1e-5, 1e-12));
}

/* Every one of several starts has it, too. */
static void test_several_starts(void **state)
{
    (void)state;
    const bp_data data = decay_data(100);
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options = decay_options(&rule);
    const bp_starts_options starts = starts_with(3, 2, 4);
    outcome found;
    train_from_starts(&found, decay_hidden_network(bp_activation_tanh(), bp_activation_linear()), &options,
                      &data, NULL, &starts);
    for (size_t i = 0; i < found.count; i++) {
        bp_network *net = decay_hidden_network(bp_activation_tanh(), bp_activation_linear());
        assert_ok(bp_network_initialize(net, found.results[i].seed));
        options.seed = found.results[i].seed;
        pair both = make_pair(net, &options);
        bp_finding note;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &note));
        assert_same_weights(net, found.networks[i]);
        end_pair(&both);
    }
    end_outcome(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates_follow_rate_and_momentum),
        cmocka_unit_test(test_sum_and_mean_agree),
        cmocka_unit_test(test_no_update_shrinks_a_weight_by_more_than_a_tenth),
        cmocka_unit_test(test_several_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
