/* Copies of networks: structure, weights, initialization rules and scaling. */
#include "network/copy.h"

#include <string.h>

#include "base/status.h"
#include "network/attachment.h"
#include "network/change_weights.h"
#include "network/connection.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/initial_state.h"
#include "network/layer.h"
#include "network/network.h"
#include "network/require.h"
#include "network/scaling.h"
#include "network/structure.h"
#include "network/trainable.h"
#include "network/unrolled.h"

static bp_status copy_layer(bp_network *copy, const char *function, const bp_layer *layer)
{
    bp_layer *made;
    BPI_TRY(bpi_append_layer(&made, function, copy, layer->name, layer->units,
                             layer->is_input ? NULL : &layer->activation));
    made->has_bias = layer->has_bias;
    made->bias_init = layer->bias_init;
    made->dropout = layer->dropout;
    made->noise = layer->noise;
    if (!layer->has_initial_state)
        return BP_OK;
    return bpi_set_initial_state(function, made, layer->initial_state, layer->learns_state);
}

static bp_status copy_connection(bp_network *copy, const char *function, const bp_connection *connection)
{
    bp_connection plan = {.from = copy->layers[connection->from->index],
                          .to = copy->layers[connection->to->index],
                          .is_delayed = connection->is_delayed,
                          .init = connection->init};
    if (!bpi_shape_copy(&plan.shape, &copy->allocator, connection))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for connection %s", function,
                        bpi_connection_text(connection).text);
    bp_status status = bpi_connect_as(NULL, function, copy, &plan);
    if (status != BP_OK)
        bpi_shape_clear(&plan.shape, &copy->allocator);
    return status;
}

static void copy_shares(bp_network *copy, const bp_network *net)
{
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->shares != NULL)
            copy->connections[i]->shares = copy->connections[net->connections[i]->shares->index];
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->shares_bias != NULL)
            copy->layers[i]->shares_bias = copy->layers[net->layers[i]->shares_bias->index];
}

static bp_status copy_structure(bp_network *copy, const char *function, const bp_network *net)
{
    BPI_TRY(bpi_register_activations(copy, function, net->registered_activations,
                                     net->registered_activation_count));
    for (size_t i = 0; i < net->layer_count; i++)
        BPI_TRY(copy_layer(copy, function, net->layers[i]));
    for (size_t i = 0; i < net->connection_count; i++)
        BPI_TRY(copy_connection(copy, function, net->connections[i]));
    copy_shares(copy, net);
    for (size_t i = 0; i < net->output_count; i++)
        BPI_TRY(bpi_set_output(function, copy->layers[net->outputs[i]->index]));
    return bpi_finalize(function, copy);
}

/* A layered or recurrent network without weights and scaling. */
static bp_status copy_built(bp_network **out, const char *function, const bp_network *net)
{
    bp_network *copy = NULL;
    BPI_TRY(bpi_network_new(&copy, function, &net->allocator, net->kernel));
    bp_status status = copy_structure(copy, function, net);
    if (status == BP_OK)
        *out = copy;
    else
        bp_network_destroy(copy);
    return status;
}

/* An unrolled one: a copy of the original, unrolled again. */
static bp_status copy_unrolled(bp_network **out, const char *function, const bp_network *net)
{
    bp_network *original = NULL;
    BPI_TRY(copy_built(&original, function, net->original));
    bp_status status = bpi_unroll(out, function, original, net->steps, net->step_flags);
    if (status != BP_OK)
        bp_network_destroy(original);
    return status;
}

static bp_status copy_values(bp_network *copy, const char *function, const bp_network *net)
{
    const bp_allocator *allocator = &copy->allocator;
    if (!bpi_scaling_copy(allocator, &copy->input_scaling, &net->input_scaling, net->input_width, 1) ||
        !bpi_scaling_copy(allocator, &copy->target_scaling, &net->target_scaling, net->output_width, 1))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling", function);
    memcpy(bpi_change_weights(copy), net->weights, net->weight_count * sizeof *net->weights);
    bpi_copy_training(copy, net);
    copy->weights_set = net->weights_set;
    copy->weights_drawn = net->weights_drawn;
    copy->scaling_origin = net->scaling_origin;
    return bpi_attachments_copy(copy, function, net);
}

bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net)
{
    bp_network *copy = NULL;
    BPI_TRY((net->original == NULL ? copy_built : copy_unrolled)(&copy, function, net));
    bp_status status = copy_values(copy, function, net);
    if (status == BP_OK)
        *out = copy;
    else
        bp_network_destroy(copy);
    return status;
}

bp_status bp_network_copy(bp_network **out, const bp_network *net)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    return bpi_copy(out, __func__, net);
}
