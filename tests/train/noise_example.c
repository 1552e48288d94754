#include "train/noise_example.h"

#include <math.h>
#include <string.h>

#include "support/unit_random.h"

bp_network *noise_network(void)
{
    const size_t units[] = {NOISE_INPUTS, NOISE_FIRST, NOISE_SECOND, NOISE_OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 4, bp_activation_tanh(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, 17));
    assert_ok(bp_network_set_dropout(net, NOISE_INPUT_DROPOUT, NOISE_HIDDEN_DROPOUT));
    assert_ok(bp_layer_set_noise(bp_network_layer(net, 0), NOISE_DEVIATION));
    return net;
}

bp_data noise_data(void)
{
    static bp_real inputs[NOISE_CASES][NOISE_INPUTS], targets[NOISE_CASES][NOISE_OUTPUTS],
        weights[NOISE_CASES];
    uint64_t state = 5;
    for (size_t i = 0; i < NOISE_CASES; i++) {
        for (size_t j = 0; j < NOISE_INPUTS; j++)
            inputs[i][j] = (bp_real)test_uniform(&state, -1, 1);
        for (size_t j = 0; j < NOISE_OUTPUTS; j++)
            targets[i][j] = (bp_real)test_uniform(&state, 0.1, 0.9);
        weights[i] = (bp_real)test_uniform(&state, 0.5, 2);
    }
    bp_data data = bp_data_view(NOISE_CASES, inputs[0], NOISE_INPUTS, targets[0], NOISE_OUTPUTS);
    data.case_weights = weights;
    return data;
}

bp_trainer_options noise_options(bp_stop_rule *rule, size_t epochs, size_t batch)
{
    *rule = bp_stop_epochs(epochs);
    bp_trainer_options options = options_with(rule, 1);
    options.loss = bp_loss_squared_error();
    options.optimizer = bp_optimizer_momentum(0.1, 0);
    options.reduction = BP_REDUCE_SUM;
    options.weight_decay = 0;
    options.recoveries = 0;
    options.scale_data = 0;
    options.batch_size = batch;
    options.keep_history = 1;
    options.seed = UINT64_C(0x123456789abcdef0);
    return options;
}

/* ------------------------------------------------------------------------------ oracle */

enum { LAYERS = 4 };
static const size_t units_of[LAYERS] = {NOISE_INPUTS, NOISE_FIRST, NOISE_SECOND, NOISE_OUTPUTS};
static const double dropout_of[LAYERS] = {NOISE_INPUT_DROPOUT, NOISE_HIDDEN_DROPOUT, NOISE_HIDDEN_DROPOUT, 0};

/* Outputs of a case, the factors of its units, and what the layer above reads. */
typedef struct case_pass {
    double y[LAYERS][NOISE_INPUTS], factor[LAYERS][NOISE_INPUTS], read[LAYERS][NOISE_INPUTS];
} case_pass;

/* The matrix into a layer, a row for each of its units; the biases follow it. */
static size_t offset_of(size_t layer)
{
    size_t offset = 0;
    for (size_t l = 1; l < layer; l++)
        offset += units_of[l] * (units_of[l - 1] + 1);
    return offset;
}

static void pass_units(case_pass *pass, size_t layer, const uint32_t bits[4])
{
    for (size_t j = 0; j < units_of[layer]; j++) {
        pass->factor[layer][j] = dropout_of[layer] == 0
                                     ? 1
                                     : oracle_drop_factor(bits, (uint32_t)(2 * layer), dropout_of[layer], j);
        pass->read[layer][j] = pass->y[layer][j] * pass->factor[layer][j];
    }
}

static void go_forward(const bp_real *w, case_pass *pass, const bp_real *inputs, const uint32_t bits[4])
{
    for (size_t j = 0; j < NOISE_INPUTS; j++)
        pass->y[0][j] = (double)inputs[j] + NOISE_DEVIATION * oracle_unit_normal(bits, 1, j);
    pass_units(pass, 0, bits);
    for (size_t l = 1; l < LAYERS; l++) {
        const size_t below = units_of[l - 1], at = offset_of(l);
        for (size_t j = 0; j < units_of[l]; j++) {
            double x = (double)w[at + units_of[l] * below + j];
            for (size_t i = 0; i < below; i++)
                x += (double)w[at + j * below + i] * pass->read[l - 1][i];
            pass->y[l][j] = l + 1 < LAYERS ? tanh(x) : 1 / (1 + exp(-x));
        }
        pass_units(pass, l, bits);
    }
}

static void go_backward(const bp_real *w, const case_pass *pass, const double *slope_of_error,
                        double *gradient)
{
    double dy[NOISE_INPUTS];
    memcpy(dy, slope_of_error, NOISE_OUTPUTS * sizeof *dy);
    for (size_t l = LAYERS - 1; l > 0; l--) {
        const size_t below = units_of[l - 1], at = offset_of(l);
        double lower[NOISE_INPUTS] = {0};
        for (size_t j = 0; j < units_of[l]; j++) {
            const double y = pass->y[l][j];
            const double delta = dy[j] * (l + 1 < LAYERS ? 1 - y * y : y * (1 - y));
            gradient[at + units_of[l] * below + j] += delta;
            for (size_t i = 0; i < below; i++) {
                gradient[at + j * below + i] += delta * pass->read[l - 1][i];
                lower[i] += delta * (double)w[at + j * below + i] * pass->factor[l - 1][i];
            }
        }
        memcpy(dy, lower, sizeof dy);
    }
}

double noise_oracle(const bp_network *net, const bp_data *data, uint64_t seed, uint64_t update, size_t first,
                    double *gradient)
{
    size_t count;
    const bp_real *w = bp_network_weights(net, &count);
    double error = 0;
    memset(gradient, 0, count * sizeof *gradient);
    for (size_t c = 0; c < data->cases; c++) {
        case_pass pass;
        uint32_t bits[4];
        double slope[NOISE_OUTPUTS];
        oracle_row_bits(seed, update, first + c, bits);
        go_forward(w, &pass, data->inputs + c * NOISE_INPUTS, bits);
        const double weight = (double)data->case_weights[c];
        for (size_t j = 0; j < NOISE_OUTPUTS; j++) {
            const double difference = pass.y[LAYERS - 1][j] - (double)data->targets[c * NOISE_OUTPUTS + j];
            error += weight * difference * difference / 2;
            slope[j] = weight * difference;
        }
        go_backward(w, &pass, slope, gradient);
    }
    return error;
}
