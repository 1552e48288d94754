#include "model/connection_kind.h"

#include <stdio.h>

#include "base/memory.h"

/* ---------------------------------------------------------------------- dense */

static void dense_matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = connection->to->units;
    *columns = connection->from->units;
}

static size_t one_pair(const bp_connection *connection)
{
    (void)connection;
    return 1;
}

static weight_place dense_locate(const bp_connection *connection, size_t weight)
{
    size_t columns = connection->from->units;
    return (weight_place){.unit = weight / columns, .from_unit = weight % columns};
}

static const char *dense_difference(const bp_connection *a, const bp_connection *b)
{
    bool agree = a->to->units == b->to->units && a->from->units == b->from->units;
    return agree ? NULL : "their shapes differ";
}

static void dense_describe(const bp_connection *connection, char *text, size_t room)
{
    snprintf(text, room, "%zu x %zu", connection->to->units, connection->from->units);
}

static size_t greatest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t dense_scratch(const bp_connection *connection, size_t cases)
{
    const kernel_table *kernel = connection->network->kernel;
    size_t from = connection->from->units, to = connection->to->units;
    size_t forward = kernel->product_scratch(cases, to, from);
    size_t backward = kernel->product_scratch(cases, from, to);
    return greatest(greatest(forward, backward), kernel->product_scratch(to, from, cases));
}

static void dense_forward(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_forward(product);
}

static void dense_backward(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_backward(product);
}

static void dense_weights(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_weights(product);
}

static const connection_operations dense_operations = {
    .matrix = dense_matrix,
    .pairs_per_weight = one_pair,
    .locate = dense_locate,
    .difference = dense_difference,
    .describe = dense_describe,
    .scratch = dense_scratch,
    .cut = CUT_FREELY,
    .forward = dense_forward,
    .backward = dense_backward,
    .weights = dense_weights,
};

/* ------------------------------------------------------------------- all kinds */

const connection_operations *bpi_operations(const bp_connection *connection)
{
    static const connection_operations *const kinds[] = {
        [BP_CONNECTION_DENSE] = &dense_operations,
        [BP_CONNECTION_MASKED] = &bpi_masked_operations,
        [BP_CONNECTION_FIELD] = &bpi_field_operations,
    };
    return kinds[connection->shape.kind];
}

bp_status bpi_check_shape(const char *function, const bp_connection *connection)
{
    const connection_operations *operations = bpi_operations(connection);
    return operations->check == NULL ? BP_OK : operations->check(function, connection);
}

void bpi_settle_shape(const bp_connection *connection)
{
    const connection_operations *operations = bpi_operations(connection);
    if (operations->units_per_bias != NULL)
        connection->to->units_per_bias = operations->units_per_bias(connection);
}

bp_connectivity bp_connection_kind(const bp_connection *connection)
{
    return connection == NULL ? BP_CONNECTION_DENSE : connection->shape.kind;
}
