/* Faults of the network: of its structure, its weights, its loss. */
#include "plants.h"

static bp_weight_init equal_weights, zero_weights;

/* Where nearly all inputs are close to 0, even such weights saturate few units. */
bool plant_saturated(scene *s, const run_result *healthy)
{
    (void)healthy;
    if (s->seed % 3 == 0) /* ReLU units are not saturated */
        s->hidden = bp_activation_tanh();
    s->weight_factor = 50;
    return scene_saturation(s) > 0.5;
}

bool plant_dead(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->hidden = bp_activation_relu();
    s->hidden_bias = -100;
    return true;
}

bool plant_equal_weights(scene *s, const run_result *healthy)
{
    (void)healthy;
    equal_weights = bp_weight_init_constant(0.1);
    s->init = &equal_weights;
    return true;
}

bool plant_zero_weights(scene *s, const run_result *healthy)
{
    (void)healthy;
    zero_weights = bp_weight_init_constant(0);
    s->init = &zero_weights;
    return true;
}

bool plant_deep_logistic(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->hidden = bp_activation_logistic();
    s->hidden_layers = 6 + (size_t)(s->seed % 3);
    return true;
}

bool plant_deep_large(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->hidden = bp_activation_relu();
    s->hidden_layers = 6 + (size_t)(s->seed % 3);
    s->weight_factor = 8;
    return true;
}

static void stretch_targets(table *data, double low, double high)
{
    for (size_t i = 0; i < data->cases * data->outputs; i++)
        data->y[i] = (bp_real)(50 * ((double)data->y[i] - low) / (high - low));
}

bool plant_out_of_reach(scene *s, const run_result *healthy)
{
    (void)healthy;
    double low = (double)s->training.y[0], high = low;
    if (s->training.has_classes)
        return false;
    for (size_t i = 0; i < s->training.cases; i++) {
        low = (double)s->training.y[i] < low ? (double)s->training.y[i] : low;
        high = (double)s->training.y[i] > high ? (double)s->training.y[i] : high;
    }
    stretch_targets(&s->training, low, high);
    stretch_targets(&s->validation, low, high);
    s->output = bp_activation_logistic();
    s->scaling = INPUTS_SCALED;
    return true;
}

bool plant_squared_error(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->options.loss = bp_loss_squared_error();
    return s->training.has_classes;
}

bool plant_logistic_classes(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->output = bp_activation_logistic();
    return s->training.has_classes;
}

static void keep_second_column(table *data)
{
    for (size_t i = 0; i < data->cases; i++)
        data->y[i] = data->y[2 * i + 1];
    data->outputs = 1;
}

bool plant_softmax_of_one(scene *s, const run_result *healthy)
{
    (void)healthy;
    if (!s->training.has_classes || s->training.outputs != 2)
        return false;
    keep_second_column(&s->training);
    keep_second_column(&s->validation);
    return true;
}

bool plant_untrained(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->hidden = bp_activation_relu();
    s->weight_factor = 10; /* handed in, so taken for trained */
    return true;
}
