#include "engine/small_case.h"

#include <math.h>

#include "engine/scale.h"
#include "network/activation_kind.h"

/* Whether kernels store the total inputs of output layers; those that the activation needs they always do. */
static void keep_x_of_outputs(bp_workspace *workspace, bool keep_x)
{
    for (size_t i = 0; i < workspace->network->output_count; i++) {
        const bp_layer *layer = workspace->network->outputs[i];
        const bool is_kept = keep_x || bpi_activation_needs_x(&layer->activation);
        workspace->small_states[layer->index].x = is_kept ? workspace->arrays[layer->index].x : NULL;
    }
}

void bpi_small_case_forward(bp_workspace *workspace, bool keep_x)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        workspace->small_states[i].y = workspace->outputs[i].y;
    keep_x_of_outputs(workspace, keep_x);
    workspace->small_kernels->one_case->forward(workspace->small, net->weights, workspace->small_states);
    keep_x_of_outputs(workspace, false);
}

void bpi_small_case_backward(bp_workspace *workspace, bp_real *gradient)
{
    const bp_network *net = workspace->network;
    workspace->small_kernels->one_case->backward(workspace->small, net->weights, workspace->small_states);
    if (gradient != NULL)
        workspace->small_kernels->one_case->weight_gradient(workspace->small, workspace->small_states,
                                                            gradient);
}

/* The inputs of a layer from those of the case, scaled if the network does that. */
static const bp_real *inputs_of(const bp_workspace *workspace, size_t layer, const bp_real *inputs)
{
    const bp_network *net = workspace->network;
    const size_t column = workspace->small->layers[layer].input_column, units = net->layers[layer]->units;
    bp_real *scaled = workspace->arrays[layer].y;
    if (!bpi_scaling_is_set(&net->input_scaling))
        return inputs + column;
    if (units <= BPI_FEW_COLUMNS)
        bpi_scale_few(&net->input_scaling, column, units, inputs + column, scaled);
    else
        bpi_scale(net->kernel, &net->input_scaling, column,
                  &(scaled_rows){.rows = 1, .columns = units, .from = inputs + column, .to = scaled});
    return scaled;
}

static bool store_outputs(const bp_network *net, const small_state *states, bp_real *outputs)
{
    const bool is_scaled = bpi_scaling_is_set(&net->target_scaling);
    int wrong = 0;
    for (size_t i = 0, column = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const bp_real *y = states[layer->index].own_y;
        for (size_t unit = 0; unit < layer->units; unit++, column++) {
            const bp_real raw = is_scaled ? bpi_unscale_value(y[unit], net->target_scaling.offset[column],
                                                              net->target_scaling.factor[column])
                                          : y[unit];
            outputs[column] = raw;
            wrong |= !isfinite(raw);
        }
    }
    return !wrong;
}

bool bpi_small_case_predict(bp_workspace *workspace, const bp_real *inputs, bp_real *outputs)
{
    const bp_network *net = workspace->network;
    const small_net *small = workspace->small;
    for (size_t i = 0; i < small->layer_count; i++)
        if (small->layers[i].is_input)
            workspace->small_states[i].y = inputs_of(workspace, i, inputs);
    workspace->small_kernels->one_case->forward(small, net->weights, workspace->small_states);
    return store_outputs(net, workspace->small_states, outputs);
}
