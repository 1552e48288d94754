/* Section KIND of a model file: the connections that are not dense. A kind is a row of `formats`. */
#include "format/model_kinds.h"

#include "format/model_reader.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/masked.h"

/* ------------------------------------------------------------------ masked */

static void write_mask(byte_sink *sink, const bp_connection *connection)
{
    const csr_rows *rows = &connection->shape.rows;
    for (size_t j = 0; j < connection->to->units; j++) {
        bpi_sink_u32(sink, (uint32_t)(rows->starts[j + 1] - rows->starts[j]));
        for (size_t k = rows->starts[j]; k < rows->starts[j + 1]; k++)
            bpi_sink_u32(sink, rows->sources[k]);
    }
}

/* Skips the CSR rows of a mask, and counts their weights. */
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
        return bpi_source_fail(
            cursor->source, start, BP_ERROR_FORMAT, "%s: unit %lu follows unit %lu; units must ascend",
            bpi_connection_text(connection).text, (unsigned long)*source, (unsigned long)*last);
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

/* The rows must be there before memory is allocated. */
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

/* ------------------------------------------------------------- convolution */

static void write_convolution(byte_sink *sink, const bp_connection *connection)
{
    const bp_convolution *convolution = &connection->shape.convolution;
    const size_t numbers[] = {convolution->channels, convolution->height,        convolution->width,
                              convolution->kernels,  convolution->kernel_height, convolution->kernel_width,
                              convolution->stride_y, convolution->stride_x};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        bpi_sink_u64(sink, numbers[i]);
    bpi_sink_u32(sink, convolution->shared_bias ? CONVOLUTION_FLAG_SHARED_BIAS : 0);
}

static bp_status read_convolution(section_cursor *cursor, bp_connection *connection)
{
    bp_convolution *convolution = &connection->shape.convolution;
    size_t *const numbers[] = {&convolution->channels,      &convolution->height,
                               &convolution->width,         &convolution->kernels,
                               &convolution->kernel_height, &convolution->kernel_width,
                               &convolution->stride_y,      &convolution->stride_x};
    uint32_t flags;
    bp_convolution_init(convolution, sizeof *convolution);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        BPI_TRY(bpi_cursor_size(cursor, numbers[i]));
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_u32(cursor, &flags));
    if ((flags & ~(uint32_t)CONVOLUTION_FLAGS) != 0)
        return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                               "%s: the flags of the convolution are %#lx, of which this library knows %#x",
                               bpi_connection_text(connection).text, (unsigned long)flags,
                               (unsigned)CONVOLUTION_FLAGS);
    convolution->shared_bias = (flags & CONVOLUTION_FLAG_SHARED_BIAS) != 0;
    return BP_OK;
}

/* --------------------------------------------------------------- all kinds */

/* How the shape of a kind is written and read. `read` allocates the shape's memory, which the network
 * releases, also after a failure. */
static const struct {
    void (*write)(byte_sink *sink, const bp_connection *connection);
    bp_status (*read)(section_cursor *cursor, bp_connection *connection);
} formats[] = {
    [BP_CONNECTION_MASKED] = {write_mask, read_mask},
    [BP_CONNECTION_CONVOLUTION] = {write_convolution, read_convolution},
};

void bpi_model_write_shape(byte_sink *sink, const bp_connection *connection)
{
    formats[connection->shape.kind].write(sink, connection);
}

/* Changes a connection, built as a dense one, to its kind. */
static bp_status read_shape(section_cursor *cursor, bp_connection *connection)
{
    size_t start = cursor->at;
    uint32_t kind;
    BPI_TRY(bpi_cursor_u32(cursor, &kind));
    if (kind == BP_CONNECTION_DENSE)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "%s is dense and needs no entry",
                               bpi_connection_text(connection).text);
    if (kind >= sizeof formats / sizeof formats[0])
        return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                               "%s is of kind %lu, which this library does not know",
                               bpi_connection_text(connection).text, (unsigned long)kind);
    connection->shape.kind = (bp_connection_kind)kind;
    BPI_TRY(formats[kind].read(cursor, connection));
    BPI_TRY(bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start,
                                bpi_check_shape(BPI_MODEL_BUILDING, connection)));
    bpi_apply_bias_sharing(connection);
    return BP_OK;
}

bp_status bpi_model_build_kinds(bp_network *net, const model_file *file)
{
    enum { MIN_ENTRY_BYTES = 8 + 4 };
    if (!file->sections[SECTION_KINDS].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_KINDS);
    size_t count, first_free = 0;
    BPI_TRY(bpi_cursor_count(&cursor, MIN_ENTRY_BYTES, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at, index;
        BPI_TRY(bpi_cursor_index(&cursor, "connection", net->connection_count, &index));
        if (index < first_free)
            return bpi_source_fail(file->source, start, BP_ERROR_FORMAT,
                                   "the kind of connection %zu follows that of connection %zu; connections "
                                   "must ascend",
                                   index, first_free - 1);
        first_free = index + 1;
        BPI_TRY(read_shape(&cursor, net->connections[index]));
    }
    return bpi_cursor_close(&cursor);
}
