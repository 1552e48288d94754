#include "engine/small_values.h"

#include "engine/loss.h"

void bpi_small_point_at(const bp_workspace *workspace, const batch *cases, bool retain_outputs,
                        small_values values[])
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        const layer_outputs *outputs = &workspace->outputs[i];
        if (!layer->is_input)
            values[i] = (small_values){.outputs = retain_outputs ? workspace->arrays[i].y : NULL,
                                       .x = retain_outputs ? workspace->arrays[i].x : NULL};
        else if (cases == NULL)
            values[i] = (small_values){.inputs = outputs->y, .stride = outputs->stride};
        else
            values[i] = (small_values){.inputs = cases->data->inputs + layer->column,
                                       .stride = cases->data->input_stride};
    }
}

void bpi_small_find_losses(const bp_network *net, const bp_loss *loss, small_loss losses[])
{
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const bp_loss *own = bpi_loss_of(loss, layer);
        const double *weight = bpi_loss_weight(loss, layer);
        losses[layer->index] = (small_loss){.terms = bpi_loss_terms(own, &layer->activation, layer->units),
                                            .gives_delta = bpi_loss_gives_delta(own, &layer->activation),
                                            .weight = weight == NULL ? 1 : *weight,
                                            .find = bpi_loss_by_unit(own),
                                            .loss = own};
    }
}
