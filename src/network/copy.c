/* Copies of networks: structure, weights, initialization rules and scaling. */
#include "network/copy.h"

#include "base/status.h"
#include "network/attachment.h"
#include "network/change_weights.h"
#include "network/connection.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/initial_state.h"
#include "network/layer.h"
#include "network/masked.h"
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

/* How many of the first `count` weights stay. */
static size_t count_kept(const unsigned char *keep, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept += keep[i] != 0;
    return kept;
}

/* The unit that a weight of a dense or masked connection comes from, the weight being the i-th of its row. */
static size_t source_of(const bp_connection *connection, size_t weight, size_t i)
{
    return connection->shape.kind == BP_CONNECTION_MASKED ? connection->shape.rows.sources[weight] : i;
}

/* keep: of the connection's own weights, `kept` of which stay. */
static bool prune_shape(connection_shape *shape, const bp_allocator *allocator,
                        const bp_connection *connection, const unsigned char *keep, size_t kept)
{
    const size_t units = connection->to->units;
    *shape = (connection_shape){.kind = BP_CONNECTION_MASKED};
    if (!bpi_masked_create(&shape->rows, allocator, units, kept))
        return false;
    size_t next = 0;
    for (size_t j = 0; j < units; j++) {
        size_t first, count;
        bpi_connection_structure(connection)->row(connection, j, &first, &count);
        shape->rows.starts[j] = next;
        for (size_t i = 0; i < count; i++)
            if (keep[first + i] != 0)
                shape->rows.sources[next++] = (uint32_t)source_of(connection, first + i, i);
    }
    shape->rows.starts[units] = next;
    return true;
}

static bool copy_shape(connection_shape *shape, const bp_allocator *allocator,
                       const bp_connection *connection, const unsigned char *keep)
{
    const size_t count = bpi_connection_weight_count(connection);
    const size_t kept = keep == NULL ? count : count_kept(keep + connection->offset, count);
    return kept == count ? bpi_shape_copy(shape, allocator, connection)
                         : prune_shape(shape, allocator, connection, keep + connection->offset, kept);
}

static bp_status copy_connection(bp_network *copy, const char *function, const bp_connection *connection,
                                 const unsigned char *keep)
{
    bp_connection plan = {.from = copy->layers[connection->from->index],
                          .to = copy->layers[connection->to->index],
                          .is_delayed = connection->is_delayed,
                          .init = connection->init};
    if (!copy_shape(&plan.shape, &copy->allocator, connection, keep))
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

static bp_status copy_structure(bp_network *copy, const char *function, const bp_network *net,
                                const unsigned char *keep)
{
    BPI_TRY(bpi_register_activations(copy, function, net->registered_activations,
                                     net->registered_activation_count));
    for (size_t i = 0; i < net->layer_count; i++)
        BPI_TRY(copy_layer(copy, function, net->layers[i]));
    for (size_t i = 0; i < net->connection_count; i++)
        BPI_TRY(copy_connection(copy, function, net->connections[i], keep));
    copy_shares(copy, net);
    for (size_t i = 0; i < net->output_count; i++)
        BPI_TRY(bpi_set_output(function, copy->layers[net->outputs[i]->index]));
    return bpi_finalize(function, copy);
}

/* A layered or recurrent network without weights and scaling. */
static bp_status copy_built(bp_network **out, const char *function, const bp_network *net,
                            const unsigned char *keep)
{
    bp_network *copy = NULL;
    BPI_TRY(bpi_network_new(&copy, function, &net->allocator, net->kernel));
    bp_status status = copy_structure(copy, function, net, keep);
    if (status == BP_OK)
        *out = copy;
    else
        bp_network_destroy(copy);
    return status;
}

/* An unrolled one: a copy of the original, unrolled again. */
static bp_status copy_unrolled(bp_network **out, const char *function, const bp_network *net,
                               const unsigned char *keep)
{
    bp_network *original = NULL;
    BPI_TRY(copy_built(&original, function, net->original, keep));
    bp_status status = bpi_unroll(out, function, original, net->steps, net->step_flags);
    if (status != BP_OK)
        bp_network_destroy(original);
    return status;
}

/* The weights that stay, in the same order. */
static void copy_weights(bp_network *copy, const bp_network *net, const unsigned char *keep)
{
    bp_real *weights = bpi_change_weights(copy);
    for (size_t i = 0, next = 0; i < net->weight_count; i++)
        if (keep == NULL || keep[i] != 0)
            weights[next++] = net->weights[i];
}

static bp_status copy_values(bp_network *copy, const char *function, const bp_network *net,
                             const unsigned char *keep)
{
    const bp_allocator *allocator = &copy->allocator;
    if (!bpi_scaling_copy(allocator, &copy->input_scaling, &net->input_scaling, net->input_width, 1) ||
        !bpi_scaling_copy(allocator, &copy->target_scaling, &net->target_scaling, net->output_width, 1))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling", function);
    copy_weights(copy, net, keep);
    bpi_copy_training(copy, net);
    copy->weights_set = net->weights_set;
    copy->weights_drawn = net->weights_drawn && copy->weight_count == net->weight_count;
    copy->scaling_origin = net->scaling_origin;
    return bpi_attachments_copy(copy, function, net);
}

bp_status bpi_copy_pruned(bp_network **out, const char *function, const bp_network *net,
                          const unsigned char *keep)
{
    bp_network *copy = NULL;
    BPI_TRY((net->original == NULL ? copy_built : copy_unrolled)(&copy, function, net, keep));
    bp_status status = copy_values(copy, function, net, keep);
    if (status == BP_OK)
        *out = copy;
    else
        bp_network_destroy(copy);
    return status;
}

bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net)
{
    return bpi_copy_pruned(out, function, net, NULL);
}

bp_status bp_network_copy(bp_network **out, const bp_network *net)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    return bpi_copy(out, __func__, net);
}
