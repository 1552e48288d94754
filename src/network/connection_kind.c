#include "network/connection_kind.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/convolution.h"
#include "network/masked.h"

/* ---------------------------------------------------------------------- dense */

static void dense_matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = connection->to->units;
    *columns = connection->from->units;
}

static void dense_row(const bp_connection *connection, size_t unit, size_t *first, size_t *count)
{
    *count = connection->from->units;
    *first = unit * *count;
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

static void dense_describe(const bp_connection *connection, char *text, size_t capacity)
{
    snprintf(text, capacity, "%zu x %zu", connection->to->units, connection->from->units);
}

static const connection_structure dense_structure = {
    .name = "dense",
    .matrix = dense_matrix,
    .row = dense_row,
    .pairs_per_weight = one_pair,
    .locate = dense_locate,
    .difference = dense_difference,
    .describe = dense_describe,
};

/* ------------------------------------------------------------------- all kinds */

static const connection_structure *const kinds[] = {
    [BP_CONNECTION_DENSE] = &dense_structure,
    [BP_CONNECTION_MASKED] = &bpi_masked_structure,
    [BP_CONNECTION_CONVOLUTION] = &bpi_convolution_structure,
};

const connection_structure *bpi_connection_structure(const bp_connection *connection)
{
    return kinds[connection->shape.kind];
}

const char *bpi_connection_kind_name(uint64_t kind)
{
    return kind < sizeof kinds / sizeof kinds[0] ? kinds[kind]->name : "of an unknown kind";
}

bp_status bpi_plan_shape(const char *function, bp_connection *plan, const bp_connect_options *options)
{
    const connection_structure *found = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const connection_structure *kind = kinds[i];
        if (kind->is_requested == NULL || !kind->is_requested(options))
            continue;
        if (found != NULL)
            return bpi_fail(BP_ERROR_ARGUMENT,
                            "%s: options.%s and options.%s are both set; a connection is of one kind",
                            function, found->option, kind->option);
        found = kind;
    }
    return found == NULL ? BP_OK : found->plan(function, plan, options);
}

bool bpi_count_connection(const bp_connection *connection, size_t *count)
{
    size_t rows, columns;
    bpi_connection_structure(connection)->matrix(connection, &rows, &columns);
    return bpi_multiply(rows, columns, count);
}

size_t bpi_connection_weight_count(const bp_connection *connection)
{
    size_t count = 0;
    bpi_count_connection(connection, &count);
    return count;
}

size_t bpi_units_per_vector(const bp_layer *layer)
{
    size_t units = 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const size_t own = bpi_connection_structure(connection)->pairs_per_weight(connection);
        if (units != 0 && own != units)
            return 1;
        units = own;
    }
    return units == 0 ? 1 : units;
}

bp_status bpi_check_shape(const char *function, const bp_connection *connection)
{
    const connection_structure *structure = bpi_connection_structure(connection);
    return structure->check == NULL ? BP_OK : structure->check(function, connection);
}

void bpi_apply_bias_sharing(const bp_connection *connection)
{
    const connection_structure *structure = bpi_connection_structure(connection);
    if (structure->units_per_bias != NULL)
        connection->to->units_per_bias = structure->units_per_bias(connection);
}

bp_connection_kind bp_connection_get_kind(const bp_connection *connection)
{
    return connection == NULL ? BP_CONNECTION_DENSE : connection->shape.kind;
}

bool bpi_shape_copy(connection_shape *copy, const bp_allocator *allocator, const bp_connection *connection)
{
    const connection_structure *structure = bpi_connection_structure(connection);
    *copy = connection->shape;
    return structure->copy == NULL || structure->copy(copy, allocator, connection);
}

void bpi_shape_clear(connection_shape *shape, const bp_allocator *allocator)
{
    if (kinds[shape->kind]->clear != NULL)
        kinds[shape->kind]->clear(shape, allocator);
}
