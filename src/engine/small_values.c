#include "engine/small_values.h"

void bpi_small_point_at(const bp_workspace *workspace, const batch *cases, bool retain_outputs,
                        small_values values[])
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        const layer_outputs *outputs = &workspace->outputs[i];
        if (!layer->is_input)
            values[i] = (small_values){.outputs = retain_outputs ? workspace->arrays[i].y : NULL};
        else if (cases == NULL)
            values[i] = (small_values){.inputs = outputs->y, .stride = outputs->stride};
        else
            values[i] = (small_values){.inputs = cases->data->inputs + layer->column,
                                       .stride = cases->data->input_stride};
    }
}
