#include "train/decay_example.h"

#include <math.h>

bp_data decay_data(size_t cases)
{
    static bp_real inputs[DECAY_CASES * DECAY_INPUTS], targets[DECAY_CASES];
    uint64_t seed = 6;
    for (size_t i = 0; i < DECAY_CASES; i++) {
        for (size_t j = 0; j < DECAY_INPUTS; j++)
            inputs[i * DECAY_INPUTS + j] = (bp_real)test_uniform(&seed, -1, 1);
        targets[i] = (bp_real)(inputs[i * DECAY_INPUTS] - inputs[i * DECAY_INPUTS + 1] +
                               (bp_real)test_uniform(&seed, -0.5, 0.5));
    }
    assert_true(cases <= DECAY_CASES);
    return bp_data_view(cases, inputs, DECAY_INPUTS, targets, 1);
}

/* The noise of the targets, but at least 0.01, times their variance, but at most 1; for few cases that are
 * not scaled. Noise is what nearest neighbours do not explain: half the mean square of the difference of
 * their targets, over the variance. */
static double noise_of(const bp_data *data)
{
    const size_t stride = data->input_stride == 0 ? data->input_width : data->input_stride;
    double differences = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < data->cases; i++) {
        double least = INFINITY, difference = 0, target = (double)data->targets[i];
        for (size_t other = 0; other < data->cases; other++) {
            double distance = 0;
            for (size_t j = 0; j < data->input_width; j++) {
                double step = (double)data->inputs[i * stride + j] - (double)data->inputs[other * stride + j];
                distance += step * step;
            }
            if (other != i && distance < least) {
                least = distance;
                difference = target - (double)data->targets[other];
            }
        }
        differences += difference * difference;
        sum += target;
        squares += target * target;
    }
    const double count = (double)data->cases, mean = sum / count, variance = squares / count - mean * mean;
    return fmax(fmin(1, differences / 2 / count / variance), 0.01) * fmin(variance, 1);
}

double wanted_decay(const bp_data *data)
{
    return data->cases < 50 ? 0 : 6 * noise_of(data) / (double)data->cases;
}

bp_network *decay_linear_network(void)
{
    const bp_real weights[DECAY_WEIGHTS] = {1, (bp_real)-0.5, 2, (bp_real)0.25};
    bp_network *net = NULL;
    const size_t units[] = {DECAY_INPUTS, 1};
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, DECAY_WEIGHTS));
    return net;
}

bp_network *decay_hidden_network(bp_activation hidden, bp_activation output)
{
    bp_network *net = NULL;
    const size_t units[] = {DECAY_INPUTS, 4, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, output));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

bp_trainer_options decay_options(const bp_stop_rule *rule)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.05, 0.5);
    options.scale_data = 0;
    options.stop_rules = rule;
    options.stop_rule_count = 1;
    return options;
}
