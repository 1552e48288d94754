/* Rebuilds a network through the calls that build any network, so that all their checks hold for files too.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/real.h"
#include "format/model_format.h"
#include "model/activation.h"

enum { NAME_ROOM = 256 };

/* What the messages of building calls begin with until blame gives them a place in the file. */
#define BUILDING "model"

/* ---------------------------------------------------------- reading a payload */

/* What is left of a section's payload. */
typedef struct model_cursor {
    const model_file *file;
    enum model_section section;
    size_t at, end;
} model_cursor;

static model_cursor open_section(const model_file *file, enum model_section section)
{
    const section_span *span = &file->sections[section];
    return (model_cursor){file, section, span->start, span->end};
}

static const char *tag_of(const model_cursor *cursor)
{
    return bpi_model_sections[cursor->section].tag;
}

static const unsigned char *bytes_at(const model_cursor *cursor)
{
    return cursor->file->source->bytes + cursor->at;
}

static bp_status need(const model_cursor *cursor, size_t bytes)
{
    if (cursor->end - cursor->at < bytes)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "section %s ends where %zu more bytes should be", tag_of(cursor), bytes);
    return BP_OK;
}

/* Nothing may be left over. */
static bp_status close_section(const model_cursor *cursor)
{
    if (cursor->at != cursor->end)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "section %s has %zu bytes too many", tag_of(cursor), cursor->end - cursor->at);
    return BP_OK;
}

static bp_status read_u32(model_cursor *cursor, uint32_t *value)
{
    BPI_TRY(need(cursor, 4));
    *value = bpi_get_u32(bytes_at(cursor));
    cursor->at += 4;
    return BP_OK;
}

static bp_status read_size(model_cursor *cursor, size_t *value)
{
    BPI_TRY(need(cursor, 8));
    uint64_t wide = bpi_get_u64(bytes_at(cursor));
    if (wide > SIZE_MAX)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "%llu is too large a number for this machine", (unsigned long long)wide);
    *value = (size_t)wide;
    cursor->at += 8;
    return BP_OK;
}

/* A number of entries, each of at least entry_bytes, that the rest of the section has room for. */
static bp_status read_count(model_cursor *cursor, size_t entry_bytes, size_t *count)
{
    size_t start = cursor->at;
    BPI_TRY(read_size(cursor, count));
    if (*count > (cursor->end - cursor->at) / entry_bytes)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT,
                              "section %s is too short for %zu entries", tag_of(cursor), *count);
    return BP_OK;
}

static bp_status read_name(model_cursor *cursor, char name[NAME_ROOM])
{
    BPI_TRY(need(cursor, 1));
    size_t start = cursor->at, length = *bytes_at(cursor);
    cursor->at++;
    BPI_TRY(need(cursor, length));
    if (memchr(bytes_at(cursor), '\0', length) != NULL)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT, "a name has a zero byte in it");
    memcpy(name, bytes_at(cursor), length);
    name[length] = '\0';
    cursor->at += length;
    return BP_OK;
}

/* Real number `index` of those that begin at `at`, still as wide as any file has them. */
static double real_at(const model_cursor *cursor, size_t index)
{
    size_t width = cursor->file->real_bytes;
    const unsigned char *bytes = bytes_at(cursor) + index * width;
    return width == 4 ? (double)bpi_get_f32(bytes) : bpi_get_f64(bytes);
}

/* Converts up to `count` numbers that are there, and returns how many were before one that is not finite in
 * bp_real. */
static size_t read_reals(const model_cursor *cursor, bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = real_at(cursor, i);
        if (!bpi_fits_real(value))
            return i;
        values[i] = (bp_real)value;
    }
    return count;
}

static bp_status fail_number(const model_cursor *cursor, size_t index, const char *what)
{
    double value = real_at(cursor, index);
    return bpi_model_fail(cursor->file->source, cursor->at + index * cursor->file->real_bytes,
                          BP_ERROR_NOT_FINITE, "%s is %s%s", what, bpi_format_real(value).text,
                          isfinite(value) ? ", too large for this library's numbers" : "");
}

/* What a building call refuses is wrong in the file, at `offset`. */
static bp_status blame(const model_cursor *cursor, size_t offset, bp_status status)
{
    if (status == BP_OK || status == BP_ERROR_MEMORY)
        return status;
    char reason[320];
    snprintf(reason, sizeof reason, "%s", bp_error_message() + strlen(BUILDING ": "));
    return bpi_model_fail(cursor->file->source, offset, BP_ERROR_FORMAT, "%s", reason);
}

/* ------------------------------------------------------------------ structure */

static bool find_known(const bp_network *net, const char *name, bp_activation *activation)
{
    for (size_t i = 0; i < net->known_activation_count; i++) {
        if (strcmp(net->known_activations[i].name, name) != 0)
            continue;
        *activation = net->known_activations[i];
        return true;
    }
    return false;
}

static bp_status read_activation(model_cursor *cursor, const bp_network *net, const char *layer, bool custom,
                                 bp_activation *activation)
{
    size_t start = cursor->at;
    char name[NAME_ROOM];
    BPI_TRY(read_name(cursor, name));
    if (custom ? find_known(net, name, activation) : bpi_activation_by_name(activation, name))
        return BP_OK;
    if (custom)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_NAME,
                              "layer '%s' needs the activation '%s', which options.activations does not have",
                              layer, name);
    return bpi_model_fail(cursor->file->source, start, BP_ERROR_VERSION,
                          "layer '%s' has the activation '%s', which this library does not know", layer,
                          name);
}

static bp_status check_flags(const model_cursor *cursor, size_t offset, uint32_t flags)
{
    if ((flags & ~(uint32_t)LAYER_FLAGS) != 0)
        return bpi_model_fail(cursor->file->source, offset, BP_ERROR_VERSION,
                              "the layer's flags are %#lx, of which this library knows %#x",
                              (unsigned long)flags, LAYER_FLAGS);
    if ((flags & LAYER_FLAG_INPUT) != 0 && flags != LAYER_FLAG_INPUT)
        return bpi_model_fail(cursor->file->source, offset, BP_ERROR_FORMAT,
                              "an input layer has neither biases nor an activation, but its flags are %#lx",
                              (unsigned long)flags);
    return BP_OK;
}

static bp_status read_layer(model_cursor *cursor, bp_network *net)
{
    size_t start = cursor->at, units;
    uint32_t flags;
    char name[NAME_ROOM];
    bp_activation activation;
    BPI_TRY(read_size(cursor, &units));
    BPI_TRY(read_u32(cursor, &flags));
    BPI_TRY(check_flags(cursor, start + 8, flags));
    BPI_TRY(read_name(cursor, name));
    bool is_input = (flags & LAYER_FLAG_INPUT) != 0;
    if (!is_input)
        BPI_TRY(read_activation(cursor, net, name, (flags & LAYER_FLAG_CUSTOM) != 0, &activation));
    bp_layer *layer;
    BPI_TRY(blame(cursor, start,
                  bpi_add_layer(&layer, BUILDING, net, name, units, is_input ? NULL : &activation)));
    layer->has_bias = (flags & LAYER_FLAG_BIAS) != 0;
    return BP_OK;
}

static bp_status read_layers(const model_file *file, bp_network *net)
{
    enum { LEAST_BYTES = 8 + 4 + 1 + 1 }; /* an input with a name of one byte */
    model_cursor cursor = open_section(file, SECTION_LAYERS);
    size_t count;
    BPI_TRY(read_count(&cursor, LEAST_BYTES, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_layer(&cursor, net));
    return close_section(&cursor);
}

static bp_status read_layer_index(model_cursor *cursor, const bp_network *net, bp_layer **layer)
{
    size_t start = cursor->at, index;
    BPI_TRY(read_size(cursor, &index));
    if (index >= net->layer_count)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT,
                              "layer %zu does not exist, there are %zu", index, net->layer_count);
    *layer = net->layers[index];
    return BP_OK;
}

static bp_status read_connections(const model_file *file, bp_network *net)
{
    model_cursor cursor = open_section(file, SECTION_CONNECTIONS);
    size_t count;
    BPI_TRY(read_count(&cursor, 2 * 8, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at;
        bp_layer *from = NULL, *to = NULL;
        BPI_TRY(read_layer_index(&cursor, net, &from));
        BPI_TRY(read_layer_index(&cursor, net, &to));
        BPI_TRY(blame(&cursor, start, bpi_connect(NULL, BUILDING, net, from, to)));
    }
    return close_section(&cursor);
}

static bp_status read_outputs(const model_file *file, bp_network *net)
{
    model_cursor cursor = open_section(file, SECTION_OUTPUTS);
    size_t count;
    BPI_TRY(read_count(&cursor, 8, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at;
        bp_layer *layer = NULL;
        BPI_TRY(read_layer_index(&cursor, net, &layer));
        BPI_TRY(blame(&cursor, start, bpi_set_output(BUILDING, layer)));
    }
    return close_section(&cursor);
}

/* ------------------------------------------------------------ weights, scaling */

/* The number of weights that the structure asks for; false if it cannot be computed. */
static bool count_weights(const bp_network *net, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < net->connection_count; i++) {
        size_t matrix;
        if (!bpi_multiply(net->connections[i]->from->units, net->connections[i]->to->units, &matrix) ||
            !bpi_add(*count, matrix, count))
            return false;
    }
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->has_bias && !bpi_add(*count, net->layers[i]->units, count))
            return false;
    return true;
}

/* A small file must not make the library ask for memory of a size it only claims: the weights must be there.
 */
static bp_status check_weight_count(const model_file *file, const bp_network *net)
{
    model_cursor cursor = open_section(file, SECTION_WEIGHTS);
    size_t start = cursor.at, needed, count;
    BPI_TRY(read_count(&cursor, file->real_bytes, &count));
    if (!count_weights(net, &needed))
        return bpi_model_fail(file->source, start, BP_ERROR_FORMAT,
                              "the structure needs more weights than can be counted");
    if (needed != count)
        return bpi_model_fail(file->source, start, BP_ERROR_FORMAT,
                              "the structure needs %zu weights, but section %s has %zu", needed,
                              tag_of(&cursor), count);
    cursor.at += count * file->real_bytes;
    return close_section(&cursor);
}

static bp_status finalize(const model_file *file, bp_network *net)
{
    model_cursor outputs = open_section(file, SECTION_OUTPUTS);
    if (net->output_count == 0)
        return bpi_model_fail(file->source, outputs.at, BP_ERROR_FORMAT, "the model has no output layer");
    BPI_TRY(check_weight_count(file, net));
    model_cursor layers = open_section(file, SECTION_LAYERS);
    return blame(&layers, layers.at, bpi_finalize(BUILDING, net));
}

/* Weight `index` in words: the matrix or the biases it belongs to. */
static bp_status fail_weight(const model_cursor *cursor, const bp_network *net, size_t index)
{
    char place[224];
    snprintf(place, sizeof place, "weight %zu", index);
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *c = net->connections[i];
        if (index >= c->offset && index - c->offset < bpi_connection_weight_count(c))
            snprintf(place, sizeof place, "the weight from unit %zu of layer '%s' to unit %zu of layer '%s'",
                     (index - c->offset) % c->from->units, c->from->name,
                     (index - c->offset) / c->from->units, c->to->name);
    }
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (layer->has_bias && index >= layer->bias_offset && index - layer->bias_offset < layer->units)
            snprintf(place, sizeof place, "the bias of unit %zu of layer '%s'", index - layer->bias_offset,
                     layer->name);
    }
    return fail_number(cursor, index, place);
}

static bp_status read_weights(const model_file *file, bp_network *net)
{
    model_cursor cursor = open_section(file, SECTION_WEIGHTS);
    size_t count;
    BPI_TRY(read_size(&cursor, &count)); /* as check_weight_count found it */
    size_t good = read_reals(&cursor, net->weights, count);
    if (good < count)
        return fail_weight(&cursor, net, good);
    net->weights_set = true;
    return BP_OK;
}

/* Offsets and then factors of `columns` columns that are there. */
static bp_status read_columns(model_cursor *cursor, bp_real *values, size_t columns)
{
    size_t good = read_reals(cursor, values, 2 * columns);
    char what[64];
    snprintf(what, sizeof what, "the %s of column %zu", good < columns ? "offset" : "factor", good % columns);
    if (good < 2 * columns)
        return fail_number(cursor, good, what);
    for (size_t i = columns; i < 2 * columns; i++)
        if (values[i] == 0)
            return bpi_model_fail(
                cursor->file->source, cursor->at + i * cursor->file->real_bytes, BP_ERROR_FORMAT,
                "the factor of column %zu is 0, or too small for this library's numbers", i - columns);
    cursor->at += 2 * columns * cursor->file->real_bytes;
    return close_section(cursor);
}

typedef bp_status (*set_scaling)(bp_network *, const bp_real *, const bp_real *, size_t);

static bp_status read_scaling(const model_file *file, enum model_section section, bp_network *net,
                              size_t width, set_scaling set)
{
    if (!file->sections[section].present)
        return BP_OK;
    model_cursor cursor = open_section(file, section);
    size_t start = cursor.at, columns;
    BPI_TRY(read_count(&cursor, 2 * file->real_bytes, &columns));
    if (columns != width)
        return bpi_model_fail(file->source, start, BP_ERROR_FORMAT,
                              "section %s is for %zu columns, but the network has %zu", tag_of(&cursor),
                              columns, width);
    bp_real *values = bpi_allocate(&net->allocator, columns, 2 * sizeof *values);
    if (values == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling of %zu columns", file->source->name,
                        columns);
    bp_status status = read_columns(&cursor, values, columns);
    if (status == BP_OK)
        status = set(net, values, values + columns, columns);
    bpi_release(&net->allocator, values);
    return status;
}

bp_status bpi_model_build(bp_network *net, const model_file *file)
{
    BPI_TRY(read_layers(file, net));
    BPI_TRY(read_connections(file, net));
    BPI_TRY(read_outputs(file, net));
    BPI_TRY(finalize(file, net));
    BPI_TRY(read_scaling(file, SECTION_INPUT_SCALING, net, net->input_width, bp_network_set_input_scaling));
    BPI_TRY(
        read_scaling(file, SECTION_TARGET_SCALING, net, net->output_width, bp_network_set_target_scaling));
    return read_weights(file, net);
}
