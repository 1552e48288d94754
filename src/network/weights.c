/* Reading and setting weights: the whole vector, a matrix, the biases of a layer. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/layer.h"
#include "network/require.h"

/* A part of the flat vector, and its name for messages. */
typedef struct weight_range {
    bp_network *network;
    size_t offset, count;
    char name[160];
} weight_range;

static weight_range slice_of_connection(const bp_connection *connection)
{
    weight_range slice = {connection->network, connection->offset, bpi_connection_weight_count(connection),
                          ""};
    snprintf(slice.name, sizeof slice.name, "layer '%s' to layer '%s'", connection->from->name,
             connection->to->name);
    return slice;
}

static weight_range slice_of_biases(const bp_layer *layer)
{
    weight_range slice = {layer->network, layer->bias_offset, bpi_bias_count(layer), ""};
    snprintf(slice.name, sizeof slice.name, "biases of layer '%s'", layer->name);
    return slice;
}

static bp_status check_count(const char *function, const weight_range *slice, size_t count)
{
    if (count != slice->count)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s: count is %zu, it must be %zu", function, slice->name, count,
                        slice->count);
    return BP_OK;
}

static bp_status check_finite(const char *function, const weight_range *slice, const bp_real *values)
{
    if (slice->network->kernel->all_finite(values, slice->count))
        return BP_OK;
    size_t i = 0;
    while (isfinite(values[i]))
        i++;
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s: value %zu is %s", function, slice->name, i,
                    bpi_format_real((double)values[i]).text);
}

/* Both trust that the network is finalized. The caller's array may be the vector itself. */
static bp_status get(const char *function, const weight_range *slice, bp_real *values, size_t count)
{
    BPI_TRY(check_count(function, slice, count));
    memmove(values, slice->network->weights + slice->offset, count * sizeof *values);
    return BP_OK;
}

static bp_status set(const char *function, const weight_range *slice, const bp_real *values, size_t count)
{
    BPI_TRY(check_count(function, slice, count));
    BPI_TRY(check_finite(function, slice, values));
    memmove(bpi_change_weights(slice->network) + slice->offset, values, count * sizeof *values);
    if (count > 0) {
        slice->network->weights_set = true;
        slice->network->weights_drawn = false;
        slice->network->weights_changed++;
    }
    return BP_OK;
}

const bp_real *bp_network_weights(const bp_network *net, size_t *count)
{
    if (count != NULL)
        *count = net == NULL ? 0 : net->weight_count;
    return net == NULL ? NULL : net->weights;
}

bp_status bp_network_set_weights(bp_network *net, const bp_real *weights, size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(weights);
    BPI_TRY(bpi_require_finalized(__func__, net));
    weight_range whole = {net, 0, net->weight_count, "weights"};
    return set(__func__, &whole, weights, count);
}

bp_status bp_connection_get_weights(const bp_connection *connection, bp_real *weights, size_t count)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(weights);
    BPI_TRY(bpi_require_finalized(__func__, connection->network));
    weight_range matrix = slice_of_connection(connection);
    return get(__func__, &matrix, weights, count);
}

bp_status bp_connection_set_weights(bp_connection *connection, const bp_real *weights, size_t count)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(weights);
    BPI_TRY(bpi_require_finalized(__func__, connection->network));
    weight_range matrix = slice_of_connection(connection);
    return set(__func__, &matrix, weights, count);
}

bp_status bp_layer_get_biases(const bp_layer *layer, bp_real *biases, size_t count)
{
    BPI_REQUIRE(layer);
    BPI_REQUIRE(biases);
    BPI_TRY(bpi_require_finalized(__func__, layer->network));
    weight_range part = slice_of_biases(layer);
    return get(__func__, &part, biases, count);
}

bp_status bp_layer_set_biases(bp_layer *layer, const bp_real *biases, size_t count)
{
    BPI_REQUIRE(layer);
    BPI_REQUIRE(biases);
    BPI_TRY(bpi_require_finalized(__func__, layer->network));
    weight_range part = slice_of_biases(layer);
    return set(__func__, &part, biases, count);
}
