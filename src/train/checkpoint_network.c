#include "train/checkpoint_network.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "network/activation_kind.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/scaling.h"
#include "network/unit_noise.h"

/* ----------------------------------------------------------------------- structure */

/* A number that must be the same in file and network. */
static void same(archive *a, uint64_t number, const char *format, ...) BPI_PRINTF(3, 4);
static void same(archive *a, uint64_t number, const char *format, ...)
{
    uint64_t saved = number;
    bpi_archive_u64(a, &saved);
    if (a->status != BP_OK || saved == number)
        return;
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    bpi_archive_fail(a, BP_ERROR_STRUCTURE, "the checkpoint is of another network: %s %llu there, %llu here",
                     what, (unsigned long long)saved, (unsigned long long)number);
}

static uint32_t add_number(uint32_t crc, uint64_t number)
{
    unsigned char bytes[8];
    bpi_put_u64(bytes, number);
    return bpi_crc32(crc, bytes, sizeof bytes);
}

/* Values at step 0 that are not learned. */
static uint32_t state_checksum(const bp_layer *layer)
{
    uint32_t crc = 0;
    for (size_t i = 0; layer->initial_state != NULL && !layer->learns_state && i < layer->units; i++) {
        unsigned char bytes[8];
        bpi_put_f64(bytes, (double)layer->initial_state[i]);
        crc = bpi_crc32(crc, bytes, sizeof bytes);
    }
    return crc;
}

/* Which pairs of units have a weight. */
static uint32_t shape_checksum(const bp_connection *connection)
{
    const connection_shape *shape = &connection->shape;
    const bp_convolution *c = &shape->convolution;
    uint32_t crc = 0;
    if (shape->kind == BP_CONNECTION_MASKED) {
        const size_t rows = connection->to->units;
        for (size_t i = 0; i <= rows; i++)
            crc = add_number(crc, shape->rows.starts[i]);
        for (size_t i = 0; i < shape->rows.starts[rows]; i++)
            crc = add_number(crc, shape->rows.sources[i]);
    } else if (shape->kind == BP_CONNECTION_CONVOLUTION) {
        const size_t numbers[] = {c->channels, c->height,        c->width,
                                  c->kernels,  c->kernel_height, c->kernel_width,
                                  c->stride_y, c->stride_x,      (size_t)c->shared_bias};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            crc = add_number(crc, numbers[i]);
    }
    return crc;
}

/* The same activation with the same parameters. */
static void archive_activation(archive *a, const bp_layer *layer)
{
    const char *own = layer->is_input ? "" : bp_activation_name(&layer->activation), *name = layer->name;
    char saved[CURSOR_NAME_CAPACITY];
    snprintf(saved, sizeof saved, "%s", own);
    bpi_archive_name(a, saved);
    if (a->status == BP_OK && strcmp(saved, own) != 0)
        bpi_archive_fail(a, BP_ERROR_STRUCTURE,
                         "the checkpoint is of another network: the activation of layer '%s' is '%s' there, "
                         "'%s' here",
                         name, saved, own);
    if (layer->is_input)
        return;
    same(a, layer->activation.kind == ACTIVATION_CUSTOM, "layer '%s' has a custom activation:", name);
    const size_t parameters = bpi_activation_parameters(&layer->activation);
    for (size_t i = 0; i < parameters && a->status == BP_OK; i++) {
        double value = layer->activation.parameter[i];
        bpi_archive_doubles(a, &value, 1);
        if (a->status == BP_OK && value != layer->activation.parameter[i])
            bpi_archive_fail(
                a, BP_ERROR_STRUCTURE,
                "the checkpoint is of another network: the %s of activation '%s' of layer '%s' is "
                "%s there, %s here",
                bpi_activation_row(layer->activation.kind)->parameter[i].name, own, name,
                bpi_format_real(value).text, bpi_format_real(layer->activation.parameter[i]).text);
    }
}

static void archive_layer(archive *a, const bp_layer *layer)
{
    const char *name = layer->name;
    same(a, layer->units, "units of layer '%s':", name);
    same(a, layer->is_input, "layer '%s' is an input:", name);
    same(a, layer->is_output, "layer '%s' is an output:", name);
    same(a, layer->has_bias, "biases of layer '%s':", name);
    same(a, layer->learns_state, "learned states of layer '%s':", name);
    same(a, state_checksum(layer), "checksum of the initial state of layer '%s':", name);
    archive_activation(a, layer);
}

static void archive_kind(archive *a, const bp_connection *connection)
{
    const uint64_t kind = connection->shape.kind;
    uint64_t saved = kind;
    bpi_archive_u64(a, &saved);
    if (a->status == BP_OK && saved != kind)
        bpi_archive_fail(a, BP_ERROR_STRUCTURE,
                         "the checkpoint is of another network: connection %s is %s there, %s here",
                         bpi_connection_text(connection).text, bpi_connection_kind_name(saved),
                         bpi_connection_kind_name(kind));
}

static void archive_connection(archive *a, const bp_connection *connection)
{
    const size_t number = connection->index;
    same(a, connection->from->index, "connection %zu comes from layer", number);
    same(a, connection->to->index, "connection %zu goes to layer", number);
    archive_kind(a, connection);
    same(a, connection->is_delayed, "connection %zu is delayed:", number);
    same(a, connection->offset, "the first weight of connection %zu:", number);
    same(a, shape_checksum(connection), "checksum of the shape of connection %zu:", number);
}

void bpi_archive_structure(archive *a, const bp_network *net)
{
    same(a, net->layer_count, "layers:");
    for (size_t i = 0; i < net->layer_count; i++)
        archive_layer(a, net->layers[i]);
    same(a, net->connection_count, "connections:");
    for (size_t i = 0; i < net->connection_count; i++)
        archive_connection(a, net->connections[i]);
    for (size_t i = 0; i < net->output_count; i++)
        same(a, net->outputs[i]->index, "output %zu is layer", i);
    same(a, net->slice_count, "groups of weights:");
    same(a, net->weight_count, "weights:");
}

/* ------------------------------------------------------- frozen weights, and factors */

bool bpi_is_factor(double value)
{
    return isfinite(value) && value >= 0;
}

void bpi_archive_training(archive *a, const bp_network *net, slice_training *read)
{
    for (size_t i = 0; i < net->slice_count; i++) {
        slice_training slice = net->slices[i].training;
        bpi_archive_bool(a, &slice.is_frozen);
        bpi_archive_doubles(a, &slice.rate_factor, 1);
        bpi_archive_doubles(a, &slice.decay_factor, 1);
        if (!bpi_archive_reads(a))
            continue;
        if (!bpi_is_factor(slice.rate_factor) || !bpi_is_factor(slice.decay_factor))
            bpi_archive_fail(a, BP_ERROR_FORMAT, "a factor of a learning rate or decay is not valid");
        read[i] = slice;
    }
}

/* -------------------------------------------------------------- dropout, and noise */

void bpi_archive_noise(archive *a, const bp_network *net, double *read)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        double numbers[2] = {layer->dropout, layer->noise};
        bpi_archive_doubles(a, numbers, 2);
        if (!bpi_archive_reads(a))
            continue;
        if (!bpi_is_dropout(numbers[0]) || !bpi_is_deviation(numbers[1]) ||
            (numbers[0] > 0 && layer->is_output) || (numbers[1] > 0 && !layer->is_input))
            bpi_archive_fail(a, BP_ERROR_FORMAT, "the dropout or noise of layer '%s' is not valid",
                             layer->name);
        memcpy(read + 2 * i, numbers, sizeof numbers);
    }
}

/* ------------------------------------------------------------------------- scaling */

static void check_factors(archive *a, const column_scaling *scaling, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        if (scaling->factor[i] == 0)
            bpi_archive_fail(a, BP_ERROR_FORMAT, "the factor of column %zu is 0", i);
}

void bpi_archive_scaling(archive *a, const bp_allocator *allocator, column_scaling *scaling, size_t columns)
{
    bool is_set = bpi_scaling_is_set(scaling);
    bpi_archive_bool(a, &is_set);
    if (!is_set || a->status != BP_OK)
        return;
    if (bpi_archive_reads(a) && !bpi_scaling_reserve(allocator, scaling, columns)) {
        bpi_archive_fail(a, BP_ERROR_MEMORY, "no memory for the scaling of %zu columns", columns);
        return;
    }
    bpi_archive_reals(a, scaling->offset, columns, "an offset");
    bpi_archive_reals(a, scaling->factor, columns, "a factor");
    if (bpi_archive_reads(a) && a->status == BP_OK)
        check_factors(a, scaling, columns);
}
