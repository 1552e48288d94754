/* A network of its own with the same structure, weights, rules and scaling. */
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "model/activation.h"
#include "model/network.h"
#include "model/scaling.h"

static bp_status copy_layer(bp_network *copy, const char *function, const bp_layer *layer)
{
    bp_layer *made;
    BPI_TRY(bpi_add_layer(&made, function, copy, layer->name, layer->units,
                          layer->is_input ? NULL : &layer->activation));
    made->has_bias = layer->has_bias;
    made->bias_init = layer->bias_init;
    return BP_OK;
}

static bp_status copy_connection(bp_network *copy, const char *function, const bp_connection *connection)
{
    bp_connection *made;
    BPI_TRY(bpi_connect(&made, function, copy, copy->layers[connection->from->index],
                        copy->layers[connection->to->index]));
    made->init = connection->init;
    return BP_OK;
}

static bp_status copy_structure(bp_network *copy, const char *function, const bp_network *net)
{
    BPI_TRY(bpi_network_know(copy, function, net->known_activations, net->known_activation_count));
    for (size_t i = 0; i < net->layer_count; i++)
        BPI_TRY(copy_layer(copy, function, net->layers[i]));
    for (size_t i = 0; i < net->connection_count; i++)
        BPI_TRY(copy_connection(copy, function, net->connections[i]));
    for (size_t i = 0; i < net->output_count; i++)
        BPI_TRY(bpi_set_output(function, copy->layers[net->outputs[i]->index]));
    return bpi_finalize(function, copy);
}

static bp_status copy_values(bp_network *copy, const char *function, const bp_network *net)
{
    const bp_allocator *allocator = &copy->allocator;
    if (!bpi_scaling_copy(allocator, &copy->input_scaling, &net->input_scaling, net->input_width) ||
        !bpi_scaling_copy(allocator, &copy->target_scaling, &net->target_scaling, net->output_width))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling", function);
    memcpy(copy->weights, net->weights, net->weight_count * sizeof *net->weights);
    copy->weights_set = net->weights_set;
    return BP_OK;
}

bp_status bp_network_copy(bp_network **out, const bp_network *net)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    bp_network *copy = NULL;
    BPI_TRY(bpi_network_new(&copy, __func__, &net->allocator, net->kernel));
    bp_status status = copy_structure(copy, __func__, net);
    if (status == BP_OK)
        status = copy_values(copy, __func__, net);
    if (status != BP_OK) {
        bp_network_destroy(copy);
        return status;
    }
    *out = copy;
    return BP_OK;
}
