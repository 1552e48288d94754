#include "network/nguyen_widrow.h"

#include <math.h>

#include "network/activation_kind.h"
#include "network/connection_kind.h"
#include "network/layer.h"

/* Where the values that a layer sends lie. */
typedef struct output_range {
    double centre, half;
} output_range;

static output_range range_of(const bp_layer *layer)
{
    const activation_row *row = layer->is_input ? NULL : bpi_activation_row(layer->activation.kind);
    if (row == NULL || !isfinite(row->low) || !isfinite(row->high))
        return (output_range){0, 1};
    return (output_range){(row->low + row->high) / 2, (row->high - row->low) / 2};
}

static void row_of(const bp_connection *connection, size_t unit, size_t *first, size_t *count)
{
    bpi_connection_structure(connection)->row(connection, unit, first, count);
}

/* Units that a unit receives from. */
static double inputs_of(const bp_layer *layer, size_t unit)
{
    double inputs = 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        size_t first, count;
        row_of(layer->incoming[i], unit, &first, &count);
        inputs += (double)count;
    }
    return inputs;
}

/* 0.7 H^(1/N), of H units with weights of their own. */
static double norm_of(const bp_layer *layer, size_t unit)
{
    const double inputs = inputs_of(layer, unit);
    const double units = (double)(layer->units / bpi_units_per_vector(layer));
    return inputs == 0 ? 0 : 0.7 * pow(units, 1 / inputs);
}

static double uniform(random_stream *stream)
{
    return 2 * bpi_random_uniform(stream) - 1;
}

static void draw_row(const drawing *d, bp_real *weights, size_t count, double norm)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        weights[i] = (bp_real)uniform(d->stream);
        squares += (double)weights[i] * (double)weights[i];
    }
    for (size_t i = 0; squares > 0 && i < count; i++)
        weights[i] = (bp_real)((double)weights[i] * (norm / sqrt(squares)));
}

/* The sum of the offsets that the connections of this rule leave in a unit's total input. */
static double offset_of(const drawing *d, size_t unit)
{
    const bp_layer *layer = d->layer;
    double sum = 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const double centre = range_of(connection->from).centre;
        size_t first, count;
        row_of(connection, unit, &first, &count);
        for (size_t j = first; connection->init.kind == d->init->kind && j < first + count; j++)
            sum += centre * (double)connection->network->weights[connection->offset + j];
    }
    return sum;
}

static void draw_biases(const drawing *d)
{
    const bp_layer *layer = d->layer;
    for (size_t i = 0; i < d->rows; i++) {
        const size_t unit = i * layer->units_per_bias;
        d->weights[i] = (bp_real)(norm_of(layer, unit) * uniform(d->stream) - offset_of(d, unit));
    }
}

bp_status bpi_draw_nguyen_widrow(const drawing *d)
{
    if (d->connection == NULL) {
        draw_biases(d);
        return BP_OK;
    }
    const size_t step = bpi_connection_structure(d->connection)->pairs_per_weight(d->connection);
    for (size_t unit = 0; unit < d->layer->units; unit += step) {
        size_t first, count;
        row_of(d->connection, unit, &first, &count);
        const double inputs = inputs_of(d->layer, unit), share = sqrt((double)count / fmax(inputs, 1));
        const double norm = norm_of(d->layer, unit) * share / range_of(d->connection->from).half;
        draw_row(d, d->weights + first, count, norm);
    }
    return BP_OK;
}
