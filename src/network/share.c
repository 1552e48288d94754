/* Shared weights: several connections use one matrix, several layers the same biases. */
#include "network/share.h"

#include "base/status.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/require.h"

/* Sharing is a disjoint-set forest (union-find): a connection points to one whose matrix it uses, and the
 * root owns the matrix. Path halving keeps the chains short. Biases likewise. */
bp_connection *bpi_matrix_owner(bp_connection *connection)
{
    while (connection->shares != NULL) {
        if (connection->shares->shares != NULL)
            connection->shares = connection->shares->shares;
        connection = connection->shares;
    }
    return connection;
}

bp_layer *bpi_bias_owner(bp_layer *layer)
{
    while (layer->shares_bias != NULL) {
        if (layer->shares_bias->shares_bias != NULL)
            layer->shares_bias = layer->shares_bias->shares_bias;
        layer = layer->shares_bias;
    }
    return layer;
}

static bp_status fail_shares(const char *function, const bp_connection *connection, const bp_connection *with,
                             const char *reason)
{
    char shape[64], other[64];
    bpi_connection_structure(connection)->describe(connection, shape, sizeof shape);
    bpi_connection_structure(with)->describe(with, other, sizeof other);
    return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s (%s) cannot share with %s (%s): %s", function,
                    bpi_connection_text(connection).text, shape, bpi_connection_text(with).text, other,
                    reason);
}

bp_status bpi_share(const char *function, bp_connection *connection, bp_connection *with)
{
    if (with->network != connection->network)
        return fail_shares(function, connection, with, "they belong to different networks");
    if (with == connection)
        return fail_shares(function, connection, with, "it is the same connection");
    if (with->shape.kind != connection->shape.kind)
        return fail_shares(function, connection, with, "they are of different kinds");
    const char *difference = bpi_connection_structure(connection)->difference(connection, with);
    if (difference != NULL)
        return fail_shares(function, connection, with, difference);
    bp_connection *owner = bpi_matrix_owner(connection), *other = bpi_matrix_owner(with);
    if (owner != other)
        owner->shares = other;
    return BP_OK;
}

bp_status bp_connection_share(bp_connection *connection, const bp_connection *with)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(with);
    BPI_TRY(bpi_require_unfinalized(__func__, connection->network));
    return bpi_share(__func__, connection, with->network->connections[with->index]);
}

static bp_status fail_shares_bias(const char *function, const bp_layer *layer, const bp_layer *with,
                                  const char *reason)
{
    return bpi_fail(BP_ERROR_STRUCTURE,
                    "%s: layer '%s' (%zu units) cannot share the biases of layer '%s' (%zu units): %s",
                    function, layer->name, layer->units, with->name, with->units, reason);
}

bp_status bpi_share_bias(const char *function, bp_layer *layer, bp_layer *with)
{
    if (with->network != layer->network)
        return fail_shares_bias(function, layer, with, "they belong to different networks");
    if (with == layer)
        return fail_shares_bias(function, layer, with, "it is the same layer");
    if (!layer->has_bias || !with->has_bias)
        return fail_shares_bias(function, layer, with, "one of them has no biases");
    if (with->units != layer->units)
        return fail_shares_bias(function, layer, with, "their sizes differ");
    bp_layer *owner = bpi_bias_owner(layer), *other = bpi_bias_owner(with);
    if (owner != other)
        owner->shares_bias = other;
    layer->has_shared_bias = with->has_shared_bias = true;
    return BP_OK;
}

bp_status bp_layer_share_bias(bp_layer *layer, const bp_layer *with)
{
    BPI_REQUIRE(layer);
    BPI_REQUIRE(with);
    BPI_TRY(bpi_require_unfinalized(__func__, layer->network));
    return bpi_share_bias(__func__, layer, with->network->layers[with->index]);
}
