/* Masked connections: only some pairs of units have a weight. */
#include "network/masked.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/connection_text.h"

/* ----------------------------------------------------------------------- rows */

static void release_rows(csr_rows *rows, const bp_allocator *allocator)
{
    bpi_release(allocator, rows->starts);
    bpi_release(allocator, rows->sources);
    *rows = (csr_rows){0};
}

bool bpi_masked_create(csr_rows *rows, const bp_allocator *allocator, size_t units, size_t weights)
{
    size_t count;
    if (!bpi_add(units, 1, &count))
        return false;
    *rows = (csr_rows){bpi_allocate(allocator, count, sizeof *rows->starts),
                       bpi_allocate(allocator, weights, sizeof *rows->sources)};
    if (rows->starts != NULL && rows->sources != NULL)
        return true;
    release_rows(rows, allocator);
    return false;
}

static bool copy_csr(csr_rows *copy, const bp_allocator *allocator, const csr_rows *rows, size_t units)
{
    if (!bpi_masked_create(copy, allocator, units, rows->starts[units]))
        return false;
    memcpy(copy->starts, rows->starts, (units + 1) * sizeof *copy->starts);
    memcpy(copy->sources, rows->sources, rows->starts[units] * sizeof *copy->sources);
    return true;
}

/* CSR rows from a mask with a row of `columns` flags for each of `units` receiving units. False when there is
 * no memory. */
static bool read_mask(csr_rows *rows, const bp_allocator *allocator, const unsigned char *mask, size_t units,
                      size_t columns)
{
    size_t weights = 0;
    for (size_t i = 0; i < units * columns; i++)
        weights += mask[i] != 0;
    if (!bpi_masked_create(rows, allocator, units, weights))
        return false;
    size_t next = 0;
    for (size_t j = 0; j < units; j++) {
        rows->starts[j] = next;
        for (size_t i = 0; i < columns; i++)
            if (mask[j * columns + i] != 0)
                rows->sources[next++] = (uint32_t)i;
    }
    rows->starts[units] = next;
    return true;
}

/* --------------------------------------------------------------------- options */

static bool is_requested(const bp_connect_options *options)
{
    return options->mask != NULL || options->mask_count > 0;
}

/* OVERFLOW or SIZE, with the connection's name, unless `count` flags are a mask for its layers. */
static bp_status check_size(const char *function, const bp_connection *connection, size_t count)
{
    size_t rows = connection->to->units, columns = connection->from->units, wanted;
    if (columns > UINT32_MAX)
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: a masked connection can come from at most %llu units",
                        function, bpi_connection_text(connection).text, (unsigned long long)UINT32_MAX);
    if (!bpi_multiply(rows, columns, &wanted) || count != wanted)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s: the mask has %zu flags; it needs %zu x %zu", function,
                        bpi_connection_text(connection).text, count, rows, columns);
    return BP_OK;
}

static bp_status plan_rows(const char *function, bp_connection *plan, const bp_connect_options *options)
{
    size_t rows = plan->to->units, columns = plan->from->units;
    if (options->mask == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.mask is NULL, but options.mask_count is %zu",
                        function, options->mask_count);
    BPI_TRY(check_size(function, plan, options->mask_count));
    if (!read_mask(&plan->shape.rows, &plan->network->allocator, options->mask, rows, columns))
        return bpi_fail(BP_ERROR_MEMORY, "%s: %s: no memory for a mask of %zu x %zu", function,
                        bpi_connection_text(plan).text, rows, columns);
    plan->shape.kind = BP_CONNECTION_MASKED;
    return BP_OK;
}

/* ------------------------------------------------------------------ structure */

static size_t count_weights(const bp_connection *connection)
{
    return connection->shape.rows.starts[connection->to->units];
}

static bp_status check(const char *function, const bp_connection *connection)
{
    if (count_weights(connection) == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s: the mask leaves no weight", function,
                        bpi_connection_text(connection).text);
    return BP_OK;
}

static void matrix(const bp_connection *connection, size_t *rows, size_t *columns)
{
    *rows = 1;
    *columns = count_weights(connection);
}

static void row(const bp_connection *connection, size_t unit, size_t *first, size_t *count)
{
    const size_t *starts = connection->shape.rows.starts;
    *first = starts[unit];
    *count = starts[unit + 1] - starts[unit];
}

static size_t one_pair(const bp_connection *connection)
{
    (void)connection;
    return 1;
}

static weight_place locate(const bp_connection *connection, size_t weight)
{
    const csr_rows *rows = &connection->shape.rows;
    size_t j = 0;
    while (rows->starts[j + 1] <= weight)
        j++;
    return (weight_place){.unit = j, .from_unit = rows->sources[weight]};
}

static const char *difference(const bp_connection *a, const bp_connection *b)
{
    const csr_rows *one = &a->shape.rows, *other = &b->shape.rows;
    size_t units = a->to->units;
    if (units != b->to->units || a->from->units != b->from->units)
        return "their shapes differ";
    if (memcmp(one->starts, other->starts, (units + 1) * sizeof *one->starts) != 0 ||
        memcmp(one->sources, other->sources, one->starts[units] * sizeof *one->sources) != 0)
        return "their masks differ";
    return NULL;
}

static void describe(const bp_connection *connection, char *text, size_t capacity)
{
    snprintf(text, capacity, "%zu x %zu, %zu weights", connection->to->units, connection->from->units,
             count_weights(connection));
}

static bool copy(connection_shape *made, const bp_allocator *allocator, const bp_connection *connection)
{
    made->rows = (csr_rows){0};
    return copy_csr(&made->rows, allocator, &connection->shape.rows, connection->to->units);
}

static void clear(connection_shape *shape, const bp_allocator *allocator)
{
    release_rows(&shape->rows, allocator);
}

const connection_structure bpi_masked_structure = {
    .name = "masked",
    .option = "mask",
    .is_requested = is_requested,
    .plan = plan_rows,
    .check = check,
    .matrix = matrix,
    .row = row,
    .pairs_per_weight = one_pair,
    .locate = locate,
    .difference = difference,
    .describe = describe,
    .copy = copy,
    .clear = clear,
};

/* ----------------------------------------------------------------------- masks */

bp_status bp_connection_get_mask(const bp_connection *connection, unsigned char *mask, size_t count)
{
    BPI_REQUIRE(connection);
    BPI_REQUIRE(mask);
    if (connection->shape.kind != BP_CONNECTION_MASKED)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: %s is not masked", __func__,
                        bpi_connection_text(connection).text);
    BPI_TRY(check_size(__func__, connection, count));
    const csr_rows *rows = &connection->shape.rows;
    memset(mask, 0, count);
    for (size_t j = 0; j < connection->to->units; j++)
        for (size_t k = rows->starts[j]; k < rows->starts[j + 1]; k++)
            mask[j * connection->from->units + rows->sources[k]] = 1;
    return BP_OK;
}
