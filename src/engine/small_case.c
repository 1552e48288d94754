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

/* Points the input layers at the case's inputs, scaled into the workspace. */
static void scale_inputs(const bp_workspace *workspace, const bp_real *inputs)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input)
            continue;
        bpi_scale_row(net->kernel, &net->input_scaling, layer->column, layer->units, inputs + layer->column,
                      workspace->arrays[i].y);
        workspace->small_states[i].y = workspace->arrays[i].y;
    }
}

/* In place. Are all of them finite? */
static bool unscale_outputs(const bp_network *net, bp_real *outputs)
{
    const column_scaling *scaling = &net->target_scaling;
    int wrong = 0;
    for (size_t i = 0; i < net->output_width; i++) {
        outputs[i] = bpi_unscale_value(outputs[i], scaling->offset[i], scaling->factor[i]);
        wrong |= !isfinite(outputs[i]);
    }
    return !wrong;
}

bool bpi_small_case_predict(bp_workspace *workspace, const bp_real *inputs, bp_real *outputs)
{
    const bp_network *net = workspace->network;
    const small_net *small = workspace->small;
    bp_real *out = outputs;
    for (size_t i = 0; i < small->layer_count; i++)
        if (small->layers[i].is_input)
            workspace->small_states[i].y = inputs + small->layers[i].input_column;
    if (bpi_scaling_is_set(&net->input_scaling))
        scale_inputs(workspace, inputs);
    workspace->small_kernels->one_case->forward(small, net->weights, workspace->small_states);
    int wrong = 0;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const bp_real *y = workspace->small_states[layer->index].own_y;
        for (size_t unit = 0; unit < layer->units; unit++) {
            *out++ = y[unit];
            wrong |= !isfinite(y[unit]);
        }
    }
    return bpi_scaling_is_set(&net->target_scaling) ? unscale_outputs(net, outputs) : !wrong;
}
