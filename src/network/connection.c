#include "network/connection.h"

#include "base/memory.h"
#include "base/status.h"
#include "network/connection_kind.h"
#include "network/require.h"

/* ---------------------------------------------------------------- connecting */

/* Whether connected at once or delayed. */
static bp_status check_ends(const char *function, const bp_network *net, const bp_layer *from,
                            const bp_layer *to)
{
    if (from->network != net || to->network != net)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' belongs to another network", function,
                        from->network != net ? from->name : to->name);
    if (to->is_input)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' is an input and cannot receive a connection",
                        function, to->name);
    return BP_OK;
}

/* Without a time step, y of `from` must be known before x of `to`. */
static bp_status check_order(const char *function, const bp_layer *from, const bp_layer *to)
{
    const char *advice =
        "a connection to the next time step is made by bp_network_connect_with, options.delayed";
    if (from == to)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' cannot be connected to itself; %s", function,
                        to->name, advice);
    if (from->index > to->index)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' comes before layer '%s'; %s", function, to->name,
                        from->name, advice);
    return BP_OK;
}

static bp_connection *find(const bp_network *net, const bp_layer *from, const bp_layer *to, bool is_delayed)
{
    if (net == NULL || from == NULL || to == NULL || to->network != net)
        return NULL;
    for (size_t i = 0; i < to->incoming_count; i++)
        if (to->incoming[i]->from == from && to->incoming[i]->is_delayed == is_delayed)
            return to->incoming[i];
    return NULL;
}

static bp_status check_new(const char *function, const bp_connection *same)
{
    if (same != NULL)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' is connected to layer '%s' already%s", function,
                        same->from->name, same->to->name, same->is_delayed ? ", delayed" : "");
    return BP_OK;
}

static bool room_for_connection(const bp_allocator *allocator, bp_connection ***list, size_t *capacity,
                                size_t count)
{
    void *array = *list;
    bool grown = bpi_grow(allocator, &array, capacity, count, sizeof(bp_connection *));
    *list = array;
    return grown;
}

/* In the three lists that a connection stands in. */
static bool make_room(bp_network *net, bp_layer *from, bp_layer *to)
{
    const bp_allocator *allocator = &net->allocator;
    return room_for_connection(allocator, &net->connections, &net->connection_capacity,
                               net->connection_count) &&
           room_for_connection(allocator, &from->outgoing, &from->outgoing_capacity, from->outgoing_count) &&
           room_for_connection(allocator, &to->incoming, &to->incoming_capacity, to->incoming_count);
}

void bpi_connection_free(bp_connection *connection)
{
    const bp_allocator *allocator = &connection->network->allocator;
    if (connection->origin == NULL)
        bpi_shape_clear(&connection->shape, allocator);
    bpi_release(allocator, connection);
}

bp_status bpi_append_connection(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                                bp_layer *to)
{
    bp_connection *connection = NULL;
    if (make_room(net, from, to))
        connection = bpi_allocate_zeroed(&net->allocator, 1, sizeof *connection);
    if (connection == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to connect layer '%s' to layer '%s'", function,
                        from->name, to->name);
    *connection = (bp_connection){.network = net,
                                  .index = net->connection_count,
                                  .from = from,
                                  .to = to,
                                  .init = net->init,
                                  .slice = BPI_NO_SLICE};
    net->connections[net->connection_count++] = connection;
    from->outgoing[from->outgoing_count++] = connection;
    to->incoming[to->incoming_count++] = connection;
    if (out != NULL)
        *out = connection;
    return BP_OK;
}

bp_status bpi_connect_as(bp_connection **out, const char *function, bp_network *net,
                         const bp_connection *plan)
{
    BPI_TRY(check_ends(function, net, plan->from, plan->to));
    if (!plan->is_delayed)
        BPI_TRY(check_order(function, plan->from, plan->to));
    BPI_TRY(check_new(function, find(net, plan->from, plan->to, plan->is_delayed)));
    BPI_TRY(bpi_check_shape(function, plan));
    bp_connection *connection;
    BPI_TRY(bpi_append_connection(&connection, function, net, plan->from, plan->to));
    connection->shape = plan->shape;
    bpi_apply_bias_sharing(connection);
    connection->is_delayed = plan->is_delayed;
    if (plan->init.kind != 0)
        connection->init = plan->init;
    net->delayed_count += plan->is_delayed;
    if (out != NULL)
        *out = connection;
    return BP_OK;
}

bp_status bpi_connect(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                      bp_layer *to)
{
    return bpi_connect_as(out, function, net, &(bp_connection){.from = from, .to = to});
}

bp_status bp_network_connect(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_TRY(bpi_require_unfinalized(__func__, net));
    return bpi_connect(out, __func__, net, from, to);
}

/* ------------------------------------------------------------------- looking */

bp_connection *bp_network_find_connection(const bp_network *net, const bp_layer *from, const bp_layer *to)
{
    return find(net, from, to, false);
}

bp_connection *bp_network_find_delayed_connection(const bp_network *net, const bp_layer *from,
                                                  const bp_layer *to)
{
    return find(net, from, to, true);
}

int bp_connection_is_delayed(const bp_connection *connection)
{
    return connection != NULL && connection->is_delayed;
}

bp_layer *bp_connection_from(const bp_connection *connection)
{
    return connection == NULL ? NULL : connection->from;
}

bp_layer *bp_connection_to(const bp_connection *connection)
{
    return connection == NULL ? NULL : connection->to;
}

size_t bp_connection_offset(const bp_connection *connection)
{
    return connection == NULL ? 0 : connection->offset;
}

size_t bp_connection_weight_count(const bp_connection *connection)
{
    if (connection == NULL || !connection->network->finalized)
        return 0;
    return bpi_connection_weight_count(connection);
}
