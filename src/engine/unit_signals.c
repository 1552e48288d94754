#include "engine/unit_signals.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "engine/finding.h"
#include "network/activation_kind.h"

/*
 * A unit is saturated in a case if its output is within 1 % of its range from an end, where its slope is at
 * most 1/25 of the steepest; as a whole, if it is so in half of the cases. It never changes if its output is
 * within 0.05 % of the same end in all cases, where its slope is at most 1/500 of the steepest; a ReLU unit,
 * if its output is 0 in all cases.
 */
static const double near_end = 0.01, at_end = 0.0005, most = 0.5;

/* Initial weights are made for inputs of a mean square of about 1, which seldom go further. */
static const double usual_input = 4;

/* ------------------------------------------------------------------------- memory */

bool bpi_unit_signals_create(unit_signals *signals, const bp_allocator *allocator, const bp_network *net)
{
    size_t units = 0;
    *signals = (unit_signals){.net = net};
    signals->starts = bpi_allocate(allocator, net->layer_count, sizeof *signals->starts);
    if (signals->starts == NULL)
        return false;
    for (size_t i = 0; i < net->layer_count; i++) {
        signals->starts[i] = units;
        units += net->layers[i]->units;
    }
    signals->units = bpi_allocate_zeroed(allocator, units, sizeof *signals->units);
    return signals->units != NULL;
}

void bpi_unit_signals_clear(unit_signals *signals, const bp_allocator *allocator)
{
    bpi_release(allocator, signals->starts);
    bpi_release(allocator, signals->units);
}

void bpi_unit_signals_begin(unit_signals *signals)
{
    const size_t last = signals->net->layer_count - 1;
    signals->cases = 0;
    signals->input_size = 0;
    memset(signals->units, 0,
           (signals->starts[last] + signals->net->layers[last]->units) * sizeof *signals->units);
}

/* ----------------------------------------------------------------------- gathering */

/* The ends of the outputs of a unit that can be saturated; false for others. */
static bool ends_of(const bp_layer *layer, double *low, double *high)
{
    bpi_activation_range(&layer->activation, low, high);
    return bpi_activation_saturates(&layer->activation);
}

static void add_outputs(unit_signals *s, const layer_outputs *outputs, const bp_layer *layer, size_t rows)
{
    unit_signal *units = s->units + s->starts[layer->index];
    double low, high;
    bool has_ends = ends_of(layer, &low, &high);
    double margin = near_end * (high - low);
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < layer->units; j++) {
            double y = (double)outputs->y[row * outputs->stride + j];
            bool is_first = s->cases == 0 && row == 0;
            units[j].min = is_first || y < units[j].min ? y : units[j].min;
            units[j].max = is_first || y > units[j].max ? y : units[j].max;
            units[j].saturated += has_ends && (y < low + margin || y > high - margin);
        }
}

static void add_inputs(unit_signals *s, const layer_outputs *inputs, const bp_layer *layer, size_t rows)
{
    double size = s->input_size;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < layer->units; j++) {
            const double distance = fabs((double)inputs->y[row * inputs->stride + j]);
            size = distance > size ? distance : size;
        }
    s->input_size = size;
}

void bpi_unit_signals_add(unit_signals *signals, const bp_workspace *workspace, size_t rows)
{
    const bp_network *net = signals->net;
    for (size_t i = 0; i < net->layer_count; i++)
        (net->layers[i]->is_input ? add_inputs : add_outputs)(signals, &workspace->outputs[i], net->layers[i],
                                                              rows);
    signals->cases += rows;
}

/* ------------------------------------------------------------------------- judging */

static bool never_changes(const bp_layer *layer, const unit_signal *unit)
{
    double low, high;
    if (layer->activation.kind == ACTIVATION_RELU)
        return unit->max <= 0;
    if (!ends_of(layer, &low, &high) || layer->is_output)
        return false;
    double margin = at_end * (high - low);
    return unit->max < low + margin || unit->min > high - margin;
}

/* A kernel of a convolution, whose units share a bias, is dead if it is so at all positions. */
static bool is_dead_kernel(const bp_layer *layer, const unit_signal *units)
{
    for (size_t j = 0; j < layer->units_per_bias; j++)
        if (!never_changes(layer, &units[j]))
            return false;
    return true;
}

static bool has_lone_units(const bp_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (layer->incoming[i]->shape.kind == BP_CONNECTION_CONVOLUTION && layer->units_per_bias == 1)
            return false;
    return layer->incoming_count > 0;
}

bool bpi_find_dead_units(const unit_signals *signals, const bp_layer *layer, bp_finding *finding)
{
    const unit_signal *units = signals->units + signals->starts[layer->index];
    if (layer->is_input || !has_lone_units(layer))
        return false;
    *finding = bpi_finding(BP_FINDING_DEAD_UNITS, BP_SEVERITY_NOTE);
    finding->layer = layer;
    finding->count = 0;
    for (size_t j = 0; j < layer->units; j += layer->units_per_bias) {
        if (!is_dead_kernel(layer, &units[j]))
            continue;
        if (finding->count == 0) {
            finding->unit = j;
            finding->values[0] = units[j].max;
        }
        finding->count += layer->units_per_bias;
    }
    finding->values[1] = (double)layer->units;
    finding->values[2] = (double)signals->cases;
    if (2 * finding->count >= layer->units)
        finding->severity = finding->count == layer->units ? BP_SEVERITY_ERROR : BP_SEVERITY_WARNING;
    return finding->count > 0;
}

bool bpi_find_saturated_units(const unit_signals *signals, const bp_layer *layer, bp_finding *finding)
{
    const unit_signal *units = signals->units + signals->starts[layer->index];
    if (layer->is_input || layer->is_output || !has_lone_units(layer))
        return false;
    *finding = bpi_finding(BP_FINDING_SATURATED_UNITS, BP_SEVERITY_WARNING);
    finding->layer = layer;
    finding->count = 0;
    double share = 0;
    for (size_t j = 0; j < layer->units; j++) {
        double saturated = (double)units[j].saturated / (double)signals->cases;
        if (saturated < most || never_changes(layer, &units[j]))
            continue;
        if (finding->count++ == 0)
            finding->unit = j;
        share += saturated;
    }
    if (finding->count == 0 || 2 * finding->count < layer->units)
        return false;
    finding->values[0] = share / (double)finding->count;
    finding->values[1] = (double)layer->units;
    finding->values[2] = signals->net->input_scaling.factor == NULL && signals->input_size > usual_input;
    return true;
}
