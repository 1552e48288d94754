#include "check/check_signals.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "check/best_constant.h"
#include "engine/backward.h"
#include "engine/check_results.h"
#include "engine/error.h"
#include "engine/finding.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/workspace.h"
#include "network/activation_kind.h"

/*
 * A unit is saturated in a case if its output is within 1 % of its range from an end, where its slope is at
 * most 1/25 of the steepest; as a whole, if it is so in half of the cases. It never changes if its output is
 * within 0.05 % of the same end in all cases, where its slope is at most 1/500 of the steepest; a ReLU unit,
 * if its output is 0 in all cases.
 */
static const double near_end = 0.01, at_end = 0.0005, most = 0.5;

/* The network has hardly learned if more than this part of the best constant's error is left. */
static const double hardly_learned = 0.5, no_better = 0.99;

/*
 * From one layer to the next, derivatives change by a factor of 0.1 to 10 in networks that learn; a factor of
 * 1000 between the least and the most takes several layers that all shrink, or all enlarge, them.
 */
static const double max_spread = 300;

/* What the outputs of a unit were. */
typedef struct unit_signal {
    double min, max;
    size_t saturated; /* cases */
} unit_signal;

typedef struct signals {
    diagnosis *d;
    size_t *starts;     /* for each layer the index of its first unit */
    unit_signal *units; /* of all layers */
    double *squares;    /* for each layer the sum of squared dE/dx */
    size_t cases;       /* so far */
    double error, constant_error;
    bool knows_constant;
} signals;

/* ----------------------------------------------------------------------- gathering */

/* The ends of the outputs of a unit that can be saturated; false for others. */
static bool ends_of(const bp_layer *layer, double *low, double *high)
{
    *low = layer->activation.kind == ACTIVATION_TANH ? -1 : 0;
    *high = 1;
    return layer->activation.kind == ACTIVATION_TANH || layer->activation.kind == ACTIVATION_LOGISTIC;
}

static void add_outputs(signals *s, const bp_layer *layer, size_t rows)
{
    const layer_outputs *outputs = &s->d->workspace->outputs[layer->index];
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

static void add_deltas(signals *s, const bp_layer *layer, size_t rows)
{
    const bp_real *deltas = s->d->workspace->arrays[layer->index].delta;
    double sum = 0;
    for (size_t i = 0; i < rows * layer->units; i++)
        sum += (double)deltas[i] * (double)deltas[i];
    s->squares[layer->index] += sum;
}

static void add_block(signals *s, size_t rows)
{
    const bp_network *net = s->d->net;
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i]->is_input)
            continue;
        add_outputs(s, net->layers[i], rows);
        add_deltas(s, net->layers[i], rows);
    }
    s->cases += rows;
}

/* The sample goes forward and backward. */
static bp_status run(signals *s)
{
    diagnosis *d = s->d;
    bp_workspace *workspace = d->workspace;
    const batch cases = {
        .data = &d->training, .order = d->training_sample.order, .count = d->training_sample.count};
    BPI_TRY(bpi_workspace_reserve(d->function, workspace, cases.count, true));
    bool keep_x = bpi_error_begin(workspace, &d->loss);
    backward_pass pass = {.function = d->function, .workspace = workspace, .loss = &d->loss};
    bpi_workspace_record_call(workspace, 0);
    for (size_t start = 0; start < cases.count; start += pass.rows) {
        pass.rows = bpi_block_rows(cases.count - start, d->net->block_cases);
        bpi_load_block(workspace, &cases, start, pass.rows);
        bpi_forward(workspace, pass.rows, keep_x);
        BPI_TRY(bpi_backward(&pass));
        add_block(s, pass.rows);
    }
    BPI_TRY(bpi_check_error(d->function, workspace, pass.deviation));
    s->error = bpi_error_sum(workspace);
    return BP_OK;
}

static bp_status find_constant_error(signals *s)
{
    best_constant best;
    s->knows_constant = bpi_best_constant_is_known(s->d);
    bool has_memory = bpi_best_constant_create(&best, s->d);
    if (has_memory) {
        bpi_best_constant_begin(&best);
        for (size_t i = 0; i < s->d->training_sample.count; i++)
            bpi_best_constant_add(&best, s->d->training_sample.order[i]);
        s->constant_error = bpi_best_constant_error(&best);
    }
    bpi_best_constant_clear(&best);
    return has_memory ? BP_OK : bpi_diagnosis_fail_memory(s->d);
}

/* ------------------------------------------------------------------------- judging */

static bool has_hardly_learned(const signals *s)
{
    return !s->knows_constant || s->error > hardly_learned * s->constant_error;
}

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

static void check_dead(signals *s, const bp_layer *layer)
{
    const unit_signal *units = s->units + s->starts[layer->index];
    bp_finding finding = bpi_finding(BP_FINDING_DEAD_UNITS, BP_SEVERITY_NOTE);
    finding.count = 0;
    for (size_t j = 0; j < layer->units; j += layer->units_per_bias) {
        if (!is_dead_kernel(layer, &units[j]))
            continue;
        if (finding.count == 0) {
            finding.unit = j;
            finding.values[0] = units[j].max;
        }
        finding.count += layer->units_per_bias;
    }
    if (finding.count == 0)
        return;
    finding.layer = layer;
    finding.values[1] = (double)layer->units;
    finding.values[2] = (double)s->cases;
    if (2 * finding.count >= layer->units && has_hardly_learned(s))
        finding.severity = finding.count == layer->units ? BP_SEVERITY_ERROR : BP_SEVERITY_WARNING;
    bpi_report(s->d, &finding);
}

static void check_saturated(signals *s, const bp_layer *layer)
{
    const unit_signal *units = s->units + s->starts[layer->index];
    bp_finding finding = bpi_finding(BP_FINDING_SATURATED_UNITS, BP_SEVERITY_WARNING);
    finding.count = 0;
    double share = 0;
    for (size_t j = 0; j < layer->units; j++) {
        double saturated = (double)units[j].saturated / (double)s->cases;
        if (saturated < most || never_changes(layer, &units[j]))
            continue;
        if (finding.count++ == 0)
            finding.unit = j;
        share += saturated;
    }
    if (layer->is_output || finding.count == 0 || 2 * finding.count < layer->units || !has_hardly_learned(s))
        return;
    finding.layer = layer;
    finding.values[0] = share / (double)finding.count;
    finding.values[1] = (double)layer->units;
    bpi_report(s->d, &finding);
}

/* Root mean square of dE/dx in a hidden layer; 0 if it is another. */
static double size_of_delta(const signals *s, const bp_layer *layer)
{
    if (layer->is_input || layer->is_output || layer->incoming_count == 0)
        return 0;
    return sqrt(s->squares[layer->index] / ((double)s->cases * (double)layer->units));
}

static void report_spread(signals *s, bp_finding_kind kind, const bp_layer *low, const bp_layer *high)
{
    bp_finding finding = bpi_finding(kind, BP_SEVERITY_WARNING);
    finding.layer = low;
    finding.values[0] = size_of_delta(s, low);
    finding.values[1] = size_of_delta(s, high);
    finding.values[2] = (double)(high->index - low->index);
    bpi_report(s->d, &finding);
}

/* The lowest hidden layer, whose derivatives have come the longest way, against all others. */
static void check_spread(signals *s)
{
    const bp_network *net = s->d->net;
    const bp_layer *first = NULL;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        double size = size_of_delta(s, layer);
        if (size == 0)
            continue;
        if (first == NULL) {
            first = layer;
            continue;
        }
        double start = size_of_delta(s, first);
        bool vanishes = start * max_spread < size && has_hardly_learned(s);
        if (!vanishes && start <= size * max_spread)
            continue;
        report_spread(s, vanishes ? BP_FINDING_VANISHING_DERIVATIVES : BP_FINDING_EXPLODING_DERIVATIVES,
                      first, layer);
        return;
    }
}

/* A network that was never trained need not be better. */
static void check_learned(signals *s)
{
    if (s->d->net->weights_drawn || !s->knows_constant || s->constant_error <= 0 ||
        s->error < no_better * s->constant_error)
        return;
    bp_finding finding = bpi_finding(BP_FINDING_NO_BETTER_THAN_CONSTANT, BP_SEVERITY_WARNING);
    finding.values[0] = s->error / (double)s->cases;
    finding.values[1] = s->constant_error / (double)s->cases;
    bpi_report(s->d, &finding);
}

static void judge(signals *s)
{
    const bp_network *net = s->d->net;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input || !has_lone_units(layer))
            continue;
        check_dead(s, layer);
        check_saturated(s, layer);
    }
    check_spread(s);
    check_learned(s);
}

/* ----------------------------------------------------------------------- the whole */

/*
 * Initial weights are made for inputs of a mean square of about 1. Where a trainer will scale larger ones
 * before it begins, outputs and derivatives are not what they will be then.
 */
static bool will_change(const diagnosis *d)
{
    const double max_size = 3;
    for (size_t i = 0; bpi_will_be_scaled(d) && i < d->net->input_width; i++)
        if (hypot(d->inputs[i].mean, d->inputs[i].deviation) > max_size)
            return true;
    return false;
}

/* Cross-entropy, of which alone dE/dx is known, has no value for targets out of 0..1, which the check of
 * targets has reported. */
static bool has_error(const diagnosis *d)
{
    for (size_t i = 0; i < d->net->output_count; i++) {
        const bp_layer *layer = d->net->outputs[i];
        bool is_cross_entropy = bpi_loss_gives_delta(&d->loss, &layer->activation);
        for (size_t unit = 0; is_cross_entropy && unit < layer->units; unit++) {
            double low, high;
            bpi_scaled_ends(d, layer->output_column + unit, &low, &high);
            if (low < 0 || high > 1)
                return false;
        }
    }
    return true;
}

static bool reserve(signals *s)
{
    const bp_network *net = s->d->net;
    size_t units = 0;
    s->starts = bpi_allocate(s->d->allocator, net->layer_count, sizeof *s->starts);
    if (s->starts == NULL)
        return false;
    for (size_t i = 0; i < net->layer_count; i++) {
        s->starts[i] = units;
        units += net->layers[i]->units;
    }
    s->units = bpi_allocate_zeroed(s->d->allocator, units, sizeof *s->units);
    s->squares = bpi_allocate_zeroed(s->d->allocator, net->layer_count, sizeof *s->squares);
    return s->units != NULL && s->squares != NULL;
}

bp_status bpi_check_signals(diagnosis *d)
{
    signals s = {.d = d};
    if (d->training_sample.count < 2 || !has_error(d) || will_change(d)) /* one case says nothing of all */
        return BP_OK;
    bp_status status = reserve(&s) ? BP_OK : bpi_diagnosis_fail_memory(d);
    if (status == BP_OK)
        status = run(&s);
    if (status == BP_OK)
        status = find_constant_error(&s);
    if (status == BP_OK)
        judge(&s);
    bpi_release(d->allocator, s.starts);
    bpi_release(d->allocator, s.units);
    bpi_release(d->allocator, s.squares);
    return status;
}
