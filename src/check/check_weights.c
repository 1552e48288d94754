#include "check/check_weights.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/finding.h"
#include "network/activation_kind.h"

void bpi_check_weights(diagnosis *d)
{
    const bp_network *net = d->net;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input || layer->activation.kind != ACTIVATION_SOFTMAX || layer->units > 1)
            continue;
        bp_finding finding = bpi_finding(BP_FINDING_SOFTMAX_OF_ONE, BP_SEVERITY_ERROR);
        finding.layer = layer;
        finding.unit = 0;
        bpi_report(d, &finding);
    }
    if ((double)d->training.cases * (double)net->output_width >= (double)net->weight_count)
        return;
    bp_finding finding = bpi_finding(BP_FINDING_FEW_CASES, BP_SEVERITY_NOTE);
    finding.count = d->training.cases;
    finding.values[0] = (double)net->weight_count;
    finding.values[1] = (double)net->output_width;
    finding.values[2] = (double)d->validation.cases;
    bpi_report(d, &finding);
}

/* ------------------------------------------------------------------------- symmetry */

/* A unit, and a number made of its weights. */
typedef struct hashed_unit {
    double sum;
    size_t unit;
} hashed_unit;

/*
 * Two hidden units with the same incoming and the same outgoing weights have the same outputs and the same
 * derivatives, and so they have the same weights after every update. That holds where every weight belongs to
 * one pair of units, so only layers with dense connections are looked at; and training can do nothing about
 * the units of a layer to which only frozen weights lead.
 */
static bool may_be_symmetric(const bp_layer *layer)
{
    if (layer->is_input || layer->is_output || layer->is_fixed || layer->units < 2 ||
        layer->incoming_count == 0 || layer->outgoing_count == 0)
        return false;
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (layer->incoming[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        if (layer->outgoing[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    return true;
}

/* The weights into a unit, side by side, and those out of it, one for each unit that receives. */
static const bp_real *weights_into(const bp_connection *connection, size_t unit)
{
    return connection->network->weights + connection->offset + unit * connection->from->units;
}

static const bp_real *weights_from(const bp_connection *connection, size_t unit)
{
    return connection->network->weights + connection->offset + unit;
}

static double bias_of(const bp_layer *layer, size_t unit)
{
    return layer->has_bias ? (double)layer->network->weights[layer->bias_offset + unit] : 0;
}

static bool are_equal(const bp_layer *layer, size_t a, size_t b)
{
    if (bias_of(layer, a) != bias_of(layer, b))
        return false;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_real *to_a = weights_into(layer->incoming[i], a),
                      *to_b = weights_into(layer->incoming[i], b);
        for (size_t k = 0; k < layer->incoming[i]->from->units; k++)
            if (to_a[k] != to_b[k])
                return false;
    }
    for (size_t i = 0; i < layer->outgoing_count; i++) {
        const bp_real *of_a = weights_from(layer->outgoing[i], a),
                      *of_b = weights_from(layer->outgoing[i], b);
        for (size_t k = 0; k < layer->outgoing[i]->to->units; k++)
            if (of_a[k * layer->units] != of_b[k * layer->units])
                return false;
    }
    return true;
}

/* A number that is the same for equal units, and hardly ever for others. */
static double sum_weights(const bp_layer *layer, size_t unit)
{
    double sum = bias_of(layer, unit), factor = 1;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_real *weights = weights_into(layer->incoming[i], unit);
        for (size_t k = 0; k < layer->incoming[i]->from->units; k++, factor += 0.6180339887)
            sum += factor * (double)weights[k];
    }
    return sum;
}

static int compare_units(const void *a, const void *b)
{
    const hashed_unit *x = a, *y = b;
    if (x->sum != y->sum)
        return x->sum < y->sum ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

/* Marks the later of two equal units next to each other; each group of equal ones is in the order of units.
 */
static void find_twins(const bp_layer *layer, const hashed_unit *units, bp_finding *finding)
{
    size_t first = 0; /* of the group */
    for (size_t i = 1; i < layer->units; i++) {
        if (!are_equal(layer, units[i - 1].unit, units[i].unit)) {
            first = i;
            continue;
        }
        finding->count += i == first + 1 ? 2 : 1;
        if (finding->unit == BP_NO_INDEX || units[first].unit < finding->unit) {
            finding->unit = units[first].unit;
            finding->values[0] = (double)units[first + 1].unit;
        }
    }
}

static bp_status check_layer(diagnosis *d, const bp_layer *layer)
{
    hashed_unit *units = bpi_allocate(d->allocator, layer->units, sizeof *units);
    if (units == NULL)
        return bpi_diagnosis_fail_memory(d);
    for (size_t unit = 0; unit < layer->units; unit++)
        units[unit] = (hashed_unit){sum_weights(layer, unit), unit};
    qsort(units, layer->units, sizeof *units, compare_units);
    bp_finding finding = bpi_finding(BP_FINDING_SYMMETRIC_UNITS, BP_SEVERITY_WARNING);
    finding.layer = layer;
    finding.count = 0;
    find_twins(layer, units, &finding);
    bpi_release(d->allocator, units);
    finding.values[1] = (double)layer->units;
    if (finding.count == layer->units)
        finding.severity = BP_SEVERITY_ERROR;
    if (finding.count > 0)
        bpi_report(d, &finding);
    return BP_OK;
}

bp_status bpi_check_symmetry(diagnosis *d)
{
    for (size_t i = 0; i < d->net->layer_count; i++)
        if (may_be_symmetric(d->net->layers[i]))
            BPI_TRY(check_layer(d, d->net->layers[i]));
    return BP_OK;
}
