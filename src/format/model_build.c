/* A network from the sections of a model file: structure, scaling, weights. */
#include "format/model_build.h"

#include <stdio.h>

#include "base/memory.h"
#include "format/metadata_section.h"
#include "format/model_reader.h"
#include "format/model_structure.h"
#include "format/noise_section.h"
#include "format/schema_section.h"
#include "format/training_section.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "network/structure.h"
#include "network/unrolled.h"

/* ------------------------------------------------------------------ structure */

/* A file must have the weights that its structure requires, before memory for them is allocated: a small file
 * must not cause a large allocation. */
static bp_status check_weight_count(const model_file *file, const bp_network *net)
{
    section_cursor cursor = bpi_model_cursor(file, SECTION_WEIGHTS);
    size_t start = cursor.at, needed, count;
    BPI_TRY(bpi_cursor_count(&cursor, file->real_bytes, &count));
    if (!bpi_count_weights(net, &needed))
        return bpi_source_fail(file->source, start, BP_ERROR_FORMAT,
                               "the structure needs more weights than can be counted");
    if (needed != count)
        return bpi_source_fail(file->source, start, BP_ERROR_FORMAT,
                               "the structure needs %zu weights, but section %s has %zu", needed, cursor.tag,
                               count);
    cursor.at += count * file->real_bytes;
    return bpi_cursor_close(&cursor);
}

static bp_status finalize(const model_file *file, bp_network *net)
{
    section_cursor outputs = bpi_model_cursor(file, SECTION_OUTPUTS);
    if (net->output_count == 0)
        return bpi_source_fail(file->source, outputs.at, BP_ERROR_FORMAT, "the model has no output layer");
    BPI_TRY(check_weight_count(file, net));
    section_cursor layers = bpi_model_cursor(file, SECTION_LAYERS);
    return bpi_cursor_error_at(&layers, BPI_MODEL_BUILDING, layers.at, bpi_finalize(BPI_MODEL_BUILDING, net));
}

static bp_status check_steps(const section_cursor *cursor, size_t steps)
{
    unsigned char all = 0;
    for (size_t i = 0; i < steps; i++) {
        unsigned char flags = bpi_cursor_bytes(cursor)[i];
        if ((flags & ~STEP_FLAGS) != 0)
            return bpi_source_fail(cursor->source, cursor->at + i, BP_ERROR_VERSION,
                                   "the step's flags are %#x, of which this library knows %#x",
                                   (unsigned)flags, (unsigned)STEP_FLAGS);
        all |= flags;
    }
    if (all != STEP_FLAGS)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT, "none of %zu steps has %s", steps,
                               (all & STEP_HAS_INPUT) != 0 ? "outputs" : "inputs");
    return BP_OK;
}

static bp_status unroll(const model_file *file, bp_network **net)
{
    if (!file->sections[SECTION_UNROLLED].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_UNROLLED);
    size_t start = cursor.at, steps;
    BPI_TRY(bpi_cursor_count(&cursor, 1, &steps));
    BPI_TRY(check_steps(&cursor, steps));
    const unsigned char *flags = bpi_cursor_bytes(&cursor);
    cursor.at += steps;
    BPI_TRY(bpi_cursor_close(&cursor));
    return bpi_cursor_error_at(&cursor, BPI_MODEL_BUILDING, start,
                               bpi_unroll(net, BPI_MODEL_BUILDING, *net, steps, flags));
}

/* ------------------------------------------------------------ weights, scaling */

/* Is weight `index` one of the `count` at `offset`? *unit = its index among them. */
static bool is_within(size_t index, size_t offset, size_t count, size_t *unit)
{
    *unit = index - offset;
    return index >= offset && *unit < count;
}

enum { WEIGHT_TEXT = 224 };

static void name_weight(char text[WEIGHT_TEXT], const bp_connection *connection, size_t weight)
{
    weight_place place = bpi_connection_structure(connection)->locate(connection, weight);
    snprintf(text, WEIGHT_TEXT, "the weight from unit %zu of layer '%s' to unit %zu of layer '%s'",
             place.from_unit, connection->from->name, place.unit, connection->to->name);
}

static void name_bias(char text[WEIGHT_TEXT], const bp_layer *layer, size_t bias)
{
    size_t units = layer->units_per_bias, first = bias * units;
    if (units == 1)
        snprintf(text, WEIGHT_TEXT, "the bias of unit %zu of layer '%s'", first, layer->name);
    else
        snprintf(text, WEIGHT_TEXT, "the bias of units %zu to %zu of layer '%s'", first, first + units - 1,
                 layer->name);
}

/* NOT_FINITE for weight `index`, named by its first use in the order of the structure. */
static bp_status fail_weight(const section_cursor *cursor, const bp_network *net, size_t index)
{
    char place[WEIGHT_TEXT];
    size_t unit;
    snprintf(place, sizeof place, "weight %zu", index);
    for (size_t i = net->layer_count; i-- > 0;) {
        const bp_layer *layer = net->layers[i];
        if (is_within(index, layer->bias_offset, bp_layer_bias_count(layer), &unit))
            name_bias(place, layer, unit);
        if (is_within(index, layer->state_offset, bp_layer_state_count(layer), &unit))
            snprintf(place, sizeof place, "the initial state of unit %zu of layer '%s'", unit, layer->name);
    }
    for (size_t i = net->connection_count; i-- > 0;) {
        const bp_connection *c = net->connections[i];
        if (is_within(index, c->offset, bpi_connection_weight_count(c), &unit))
            name_weight(place, c, unit);
    }
    return bpi_cursor_fail_number(cursor, index, place);
}

static bp_status read_weights(const model_file *file, bp_network *net)
{
    section_cursor cursor = bpi_model_cursor(file, SECTION_WEIGHTS);
    size_t count;
    BPI_TRY(bpi_cursor_size(&cursor, &count)); /* as check_weight_count found it */
    size_t good = bpi_cursor_reals(&cursor, bpi_change_weights(net), count);
    if (good < count)
        return fail_weight(&cursor, net->original == NULL ? net : net->original, good);
    net->weights_set = true;
    return BP_OK;
}

/* Reads the offsets and then the factors of `columns` columns, which must be there. */
static bp_status read_columns(section_cursor *cursor, bp_real *values, size_t columns)
{
    size_t good = bpi_cursor_reals(cursor, values, 2 * columns);
    char what[64];
    snprintf(what, sizeof what, "the %s of column %zu", good < columns ? "offset" : "factor", good % columns);
    if (good < 2 * columns)
        return bpi_cursor_fail_number(cursor, good, what);
    for (size_t i = columns; i < 2 * columns; i++)
        if (values[i] == 0)
            return bpi_source_fail(cursor->source, cursor->at + i * cursor->real_bytes, BP_ERROR_FORMAT,
                                   "the factor of column %zu is 0, or too small for this library's numbers",
                                   i - columns);
    cursor->at += 2 * columns * cursor->real_bytes;
    return bpi_cursor_close(cursor);
}

typedef bp_status (*set_scaling)(bp_network *, const bp_real *, const bp_real *, size_t);

static bp_status read_scaling(const model_file *file, enum model_section section, bp_network *net,
                              size_t width, set_scaling set)
{
    if (!file->sections[section].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, section);
    size_t start = cursor.at, columns;
    BPI_TRY(bpi_cursor_count(&cursor, 2 * file->real_bytes, &columns));
    if (columns != width)
        return bpi_source_fail(file->source, start, BP_ERROR_FORMAT,
                               "section %s is for %zu columns, but the network has %zu", cursor.tag, columns,
                               width);
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

bp_status bpi_model_build(bp_network **net, const model_file *file)
{
    BPI_TRY(bpi_model_build_structure(*net, file));
    BPI_TRY(finalize(file, *net));
    BPI_TRY(bpi_noise_read(file, *net));
    BPI_TRY(unroll(file, net));
    BPI_TRY(
        read_scaling(file, SECTION_INPUT_SCALING, *net, (*net)->input_width, bp_network_set_input_scaling));
    BPI_TRY(read_scaling(file, SECTION_TARGET_SCALING, *net, (*net)->output_width,
                         bp_network_set_target_scaling));
    BPI_TRY(read_weights(file, *net));
    BPI_TRY(bpi_training_read(file, *net));
    BPI_TRY(bpi_schema_read(file, *net));
    return bpi_metadata_read(file, *net);
}
