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
#include "engine/unit_signals.h"
#include "engine/workspace.h"

/* A network is no better than constant outputs if so much of their error is left. */
static const double no_better = 0.99;

/*
 * From one layer to the next, derivatives change by a factor of 0.1 to 10 in networks that learn; a factor of
 * 300 between the least and the most takes several layers that all shrink, or all enlarge, them.
 */
static const double max_spread = 300;

typedef struct signals {
    diagnosis *d;
    unit_signals units;
    double *squares; /* for each layer the sum of squared dE/dx */
    double error, constant_error;
    bool knows_constant;
} signals;

/* ----------------------------------------------------------------------- gathering */

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
    bpi_unit_signals_add(&s->units, s->d->workspace, rows);
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->is_input)
            add_deltas(s, net->layers[i], rows);
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
    return !s->knows_constant || s->error > BPI_HARDLY_LEARNED * s->constant_error;
}

/* Root mean square of dE/dx in a hidden layer that training changes; 0 if it is another. */
static double size_of_delta(const signals *s, const bp_layer *layer)
{
    if (layer->is_input || layer->is_output || layer->incoming_count == 0 || layer->is_fixed)
        return 0;
    return sqrt(s->squares[layer->index] / ((double)s->units.cases * (double)layer->units));
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
    finding.values[0] = s->error / (double)s->units.cases;
    finding.values[1] = s->constant_error / (double)s->units.cases;
    bpi_report(s->d, &finding);
}

static void judge(signals *s)
{
    const bp_network *net = s->d->net;
    bp_finding finding;
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i]->is_fixed) /* frozen: training can do nothing about its units */
            continue;
        if (bpi_find_dead_units(&s->units, net->layers[i], &finding)) {
            if (!has_hardly_learned(s)) /* they are no fault then */
                finding.severity = BP_SEVERITY_NOTE;
            bpi_report(s->d, &finding);
        }
        if (has_hardly_learned(s) && bpi_find_saturated_units(&s->units, net->layers[i], &finding))
            bpi_report(s->d, &finding);
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
        const bp_loss *loss = bpi_loss_of(&d->loss, layer);
        bool is_cross_entropy = bpi_loss_gives_delta(loss, &layer->activation);
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
    const diagnosis *d = s->d;
    s->squares = bpi_allocate_zeroed(d->allocator, d->net->layer_count, sizeof *s->squares);
    return bpi_unit_signals_create(&s->units, d->allocator, d->net) && s->squares != NULL;
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
    bpi_unit_signals_clear(&s.units, d->allocator);
    bpi_release(d->allocator, s.squares);
    return status;
}
