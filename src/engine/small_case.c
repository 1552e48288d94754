#include "engine/small_case.h"

#include <math.h>

void bpi_small_case_forward(bp_workspace *workspace, bool keep_x)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        workspace->small_states[i].y = workspace->outputs[i].y;
        workspace->small_states[i].x = keep_x && net->layers[i]->is_output ? workspace->arrays[i].x : NULL;
    }
    workspace->small_kernels->one_case->forward(workspace->small, net->weights, workspace->small_states);
    for (size_t i = 0; i < net->output_count; i++)
        workspace->small_states[net->outputs[i]->index].x = NULL;
}

void bpi_small_case_backward(bp_workspace *workspace, bp_real *gradient)
{
    const bp_network *net = workspace->network;
    workspace->small_kernels->one_case->backward(workspace->small, net->weights, workspace->small_states);
    if (gradient != NULL)
        workspace->small_kernels->one_case->weight_gradient(workspace->small, workspace->small_states,
                                                            gradient);
}

bool bpi_small_case_predict(bp_workspace *workspace, const bp_real *inputs, bp_real *outputs)
{
    const bp_network *net = workspace->network;
    const small_net *small = workspace->small;
    for (size_t i = 0; i < small->layer_count; i++)
        if (small->layers[i].is_input)
            workspace->small_states[i].y = inputs + small->layers[i].input_column;
    workspace->small_kernels->one_case->forward(small, net->weights, workspace->small_states);
    int wrong = 0;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const bp_real *y = workspace->small_states[layer->index].own_y;
        for (size_t unit = 0; unit < layer->units; unit++) {
            *outputs++ = y[unit];
            wrong |= !isfinite(y[unit]);
        }
    }
    return !wrong;
}
