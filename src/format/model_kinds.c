/* Connections that are not dense: what section KIND of a model file says of them. */
#include "format/model_kinds.h"

#include "format/model_reader.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/masked.h"

/* Passes over the rows of a mask, and counts their weights. */
static bp_status measure_rows(section_cursor *cursor, const bp_connection *connection, size_t *weights)
{
    *weights = 0;
    for (size_t j = 0; j < connection->to->units; j++) {
        uint32_t count;
        BPI_TRY(bpi_cursor_u32(cursor, &count));
        BPI_TRY(bpi_cursor_skip(cursor, count, 4));
        *weights += count;
    }
    return BP_OK;
}

static bp_status read_source(section_cursor *cursor, const bp_connection *connection, const uint32_t *last,
                             uint32_t *source)
{
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_u32(cursor, source));
    if (*source >= connection->from->units)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "%s: unit %lu does not exist, layer '%s' has %zu",
                               bpi_connection_text(connection).text, (unsigned long)*source,
                               connection->from->name, connection->from->units);
    if (last != NULL && *source <= *last)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "%s: unit %lu stands behind %lu",
                               bpi_connection_text(connection).text, (unsigned long)*source,
                               (unsigned long)*last);
    return BP_OK;
}

static bp_status read_rows(section_cursor *cursor, const bp_connection *connection, csr_rows *rows)
{
    size_t next = 0;
    for (size_t j = 0; j < connection->to->units; j++) {
        uint32_t count;
        BPI_TRY(bpi_cursor_u32(cursor, &count));
        rows->starts[j] = next;
        for (uint32_t i = 0; i < count; i++, next++)
            BPI_TRY(read_source(cursor, connection, i == 0 ? NULL : &rows->sources[next - 1],
                                &rows->sources[next]));
    }
    rows->starts[connection->to->units] = next;
    return BP_OK;
}

/* The rows must be there before memory is asked for. */
static bp_status read_mask(section_cursor *cursor, bp_connection *connection)
{
    const bp_allocator *allocator = &connection->network->allocator;
    section_cursor start = *cursor;
    size_t weights;
    BPI_TRY(measure_rows(cursor, connection, &weights));
    *cursor = start;
    if (!bpi_masked_create(&connection->shape.rows, allocator, connection->to->units, weights))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a mask of %zu weights", cursor->source->name,
                        weights);
    return read_rows(cursor, connection, &connection->shape.rows);
}

static bp_status read_field(section_cursor *cursor, bp_connection *connection)
{
    bp_convolution *field = &connection->shape.field;
    size_t *const numbers[] = {&field->channels, &field->height,        &field->width,
                               &field->kernels,  &field->kernel_height, &field->kernel_width,
                               &field->stride_y, &field->stride_x};
    uint32_t flags;
    bp_convolution_init(field, sizeof *field);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        BPI_TRY(bpi_cursor_size(cursor, numbers[i]));
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_u32(cursor, &flags));
    if ((flags & ~(uint32_t)FIELD_FLAGS) != 0)
        return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                               "%s: the flags of the field are %#lx, of which this library knows %#x",
                               bpi_connection_text(connection).text, (unsigned long)flags,
                               (unsigned)FIELD_FLAGS);
    field->shared_bias = (flags & FIELD_FLAG_SHARED_BIAS) != 0;
    return BP_OK;
}

/* The connection was built as a dense one. What its shape holds is released with it, whatever happens. */
static bp_status read_shape(section_cursor *cursor, bp_connection *connection)
{
    size_t start = cursor->at;
    uint32_t kind;
    BPI_TRY(bpi_cursor_u32(cursor, &kind));
    if (kind == BP_CONNECTION_DENSE)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "%s is dense and needs no entry",
                               bpi_connection_text(connection).text);
    if (kind != BP_CONNECTION_MASKED && kind != BP_CONNECTION_CONVOLUTION)
        return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                               "%s is of kind %lu, which this library does not know",
                               bpi_connection_text(connection).text, (unsigned long)kind);
    BPI_TRY((kind == BP_CONNECTION_MASKED ? read_mask : read_field)(cursor, connection));
    connection->shape.kind = (bp_connection_kind)kind;
    BPI_TRY(bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start,
                                bpi_check_shape(BPI_MODEL_BUILDING, connection)));
    bpi_apply_bias_sharing(connection);
    return BP_OK;
}

bp_status bpi_model_build_kinds(bp_network *net, const model_file *file)
{
    enum { LEAST_BYTES = 8 + 4 };
    if (!file->sections[SECTION_KINDS].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_KINDS);
    size_t count, first_free = 0;
    BPI_TRY(bpi_cursor_count(&cursor, LEAST_BYTES, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at, index;
        BPI_TRY(bpi_cursor_index(&cursor, "connection", net->connection_count, &index));
        if (index < first_free)
            return bpi_source_fail(file->source, start, BP_ERROR_FORMAT,
                                   "the kind of connection %zu stands behind that of %zu", index,
                                   first_free - 1);
        first_free = index + 1;
        BPI_TRY(read_shape(&cursor, net->connections[index]));
    }
    return bpi_cursor_close(&cursor);
}
