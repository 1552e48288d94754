/* Drawing the initial weights of a network. */
#include <string.h>

#include "base/status.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/layer.h"
#include "network/require.h"
#include "network/weight_init.h"

static bp_status draw_matrix(random_stream *stream, const bp_connection *connection)
{
    drawing d = {.stream = stream,
                 .init = &connection->init,
                 .layer = connection->to,
                 .connection = connection,
                 .weights = bpi_change_weights(connection->network) + connection->offset};
    bpi_connection_structure(connection)->matrix(connection, &d.rows, &d.columns);
    return bpi_draw_weights(&d);
}

static bp_status draw_biases(random_stream *stream, const bp_layer *layer)
{
    const drawing d = {.stream = stream,
                       .init = &layer->bias_init,
                       .layer = layer,
                       .weights = bpi_change_weights(layer->network) + layer->bias_offset,
                       .rows = bpi_bias_count(layer),
                       .columns = 1};
    return bpi_draw_weights(&d);
}

static void set_learned_state(const bp_layer *layer)
{
    bp_real *state = bpi_change_weights(layer->network) + layer->state_offset;
    for (size_t i = 0; i < layer->units; i++)
        state[i] = layer->initial_state == NULL ? 0 : layer->initial_state[i];
}

/* *drawn is the number of weights drawn so far. Slices are laid out in the order of their first uses, so one
 * at a lower offset is shared and was drawn before. */
static bp_status draw_layer(random_stream *stream, const bp_layer *layer, size_t *drawn)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        if (connection->offset != *drawn)
            continue;
        BPI_TRY(draw_matrix(stream, connection));
        *drawn += bpi_connection_weight_count(connection);
    }
    if (layer->has_bias && layer->bias_offset == *drawn) {
        BPI_TRY(draw_biases(stream, layer));
        *drawn += bpi_bias_count(layer);
    }
    if (layer->learns_state) {
        set_learned_state(layer);
        *drawn += layer->units;
    }
    return BP_OK;
}

/* Draws the weights of a network that is not unrolled. */
static bp_status draw_network(const bp_network *net, uint64_t seed)
{
    random_stream stream;
    bpi_random_seed(&stream, seed);
    size_t drawn = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        BPI_TRY(draw_layer(&stream, net->layers[i], &drawn));
    return BP_OK;
}

static bp_status check_rules(const bp_network *net)
{
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        const char *name;
        if (!bpi_rule_suits(connection, &name))
            return bpi_fail(
                BP_ERROR_UNSUPPORTED,
                "bp_network_initialize: %s is masked, and its rule '%s' needs a whole matrix; give "
                "it another by bp_connection_set_weight_init, such as bp_weight_init_glorot()",
                bpi_connection_text(connection).text, name);
    }
    return BP_OK;
}

bp_status bp_network_initialize(bp_network *net, uint64_t seed)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    const bp_network *drawn = net->original == NULL ? net : net->original;
    BPI_TRY(check_rules(drawn));
    const bp_status status = draw_network(drawn, seed);
    if (net->original != NULL && status == BP_OK)
        memcpy(bpi_change_weights(net), net->original->weights, net->weight_count * sizeof *net->weights);
    net->weights_set = net->weights_drawn = status == BP_OK;
    net->weights_changed++;
    return status;
}
