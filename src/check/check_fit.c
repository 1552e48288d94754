#include "check/check_fit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "check/probability.h"
#include "check/rest.h"
#include "engine/finding.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/scale.h"
#include "engine/workspace.h"
#include "network/activation_kind.h"

/* Each of these tests may err so often. */
enum { TESTS = 4 };
static const double false_alarm = BPI_FALSE_ALARM / TESTS;

/* Differences of errors, in shares of the cases or of the variance of the targets. Smaller ones do not
 * matter.
 */
static const double min_difference = 0.05;

/* An error that is not lower than so much of another is no lower. */
static const double no_lower = 0.95;

/* A network has many weights from so many for each training target on. */
static const double many_weights = 5;

/* E that a few steps lower by more than this part of it has not come to rest. */
static const double max_fall = 0.1;

/* What is known of the network's outputs. */
typedef struct fit {
    diagnosis *d;
    const baseline *b;
    bp_real *outputs, *validation_outputs; /* in the units of the baseline, a dense row for each case */
    bp_real *neighbours;                   /* for each query the targets of its nearest neighbour */
} fit;

/* ------------------------------------------------------------------------- outputs */

static void take_outputs(const baseline *b, const bp_layer *layer, size_t rows, bp_real *to)
{
    const layer_outputs *from = &b->d->workspace->outputs[layer->index];
    const column_scaling *scaling = &b->d->net->target_scaling;
    const size_t width = b->d->net->output_width;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < layer->units; i++) {
            const size_t column = layer->output_column + i;
            const target_unit *unit = &b->units[column];
            bp_real y = from->y[row * from->stride + i];
            if (bpi_scaling_is_set(scaling))
                y = bpi_unscale_value(y, scaling->offset[column], scaling->factor[column]);
            to[row * width + column] = (bp_real)(((double)y - unit->offset) * unit->factor);
        }
}

static bp_status find_outputs(const fit *f, const bp_data *data, const predicted_cases *cases,
                              bp_real *outputs)
{
    const diagnosis *d = f->d;
    bp_workspace *workspace = d->workspace;
    const batch all = {.data = data, .order = cases->order, .count = cases->rows.count};
    BPI_TRY(bpi_workspace_reserve(d->function, workspace, all.count, false));
    bpi_workspace_record_call(workspace, 0);
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, d->net->block_cases);
        bpi_load_inputs(workspace, &all, start, rows);
        bpi_forward(workspace, rows, false);
        for (size_t i = 0; i < d->net->output_count; i++)
            take_outputs(f->b, d->net->outputs[i], rows, outputs + start * d->net->output_width);
    }
    return BP_OK;
}

/* ------------------------------------------------------------------------ comparing */

/* Of a case: 0 or 1 for classes; else the mean of (y - d)^2 over the columns. */
static double error_of(const baseline *b, const bp_real *outputs, const bp_real *targets)
{
    const size_t columns = b->d->net->output_width;
    double sum = 0;
    if (b->kind != LINEAR_NUMBERS)
        return bpi_class_told(b, outputs) != bpi_class_told(b, targets);
    for (size_t i = 0; i < columns; i++) {
        const double off = (double)outputs[i] - (double)targets[i];
        sum += off * off;
    }
    return sum / (double)columns;
}

/* The errors of the network and of a simple model of the same cases. */
typedef struct comparison {
    double ours, theirs;  /* means */
    size_t better, worse; /* cases in which the network's is the less, or the larger */
} comparison;

static comparison compare(const baseline *b, const case_rows *rows, const bp_real *outputs,
                          const bp_real *predictions, size_t count)
{
    comparison found = {0};
    for (size_t i = 0; i < count; i++) {
        const bp_real *targets = bpi_targets_of(rows, i);
        const double ours = error_of(b, outputs + i * rows->targets, targets),
                     theirs = error_of(b, predictions + i * rows->targets, targets);
        found.ours += ours / (double)count;
        found.theirs += theirs / (double)count;
        found.better += ours < theirs;
        found.worse += ours > theirs;
    }
    return found;
}

/* The sign test, for classes McNemar's, "Note on the sampling error of the difference between correlated
 * proportions or percentages", 1947: is the network worse in more cases than chance would have it? */
static bool is_worse(const comparison *c)
{
    return c->ours - c->theirs >= min_difference &&
           bpi_binomial_tail(c->better + c->worse, 0.5, c->worse) < false_alarm;
}

/* Is it clearly better: by a fifth, or in so many more cases? */
static bool is_better(const comparison *c)
{
    const double clearly = 0.8, by_chance = 0.05;
    return c->ours < clearly * c->theirs ||
           bpi_binomial_tail(c->better + c->worse, 0.5, c->better) < by_chance;
}

/* ------------------------------------------------------------------------ too few */

static bool was_reported(const diagnosis *d, bp_finding_kind kind)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->findings[i].kind == kind && d->findings[i].severity != BP_SEVERITY_NOTE)
            return true;
    return false;
}

static bool is_hidden(const bp_layer *layer)
{
    return !layer->is_input && !layer->is_output && layer->incoming_count > 0;
}

/* The hidden layer with the fewest units, or NULL if there is none. */
static const bp_layer *narrowest_layer(const bp_network *net)
{
    const bp_layer *found = NULL;
    for (size_t i = 0; i < net->layer_count; i++)
        if (is_hidden(net->layers[i]) && (found == NULL || net->layers[i]->units < found->units))
            found = net->layers[i];
    return found;
}

/* Then the network is a linear model, however many units it has. */
static bool is_linear(const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (is_hidden(net->layers[i]) && !bpi_activation_is_linear(&net->layers[i]->activation))
            return false;
    return narrowest_layer(net) != NULL;
}

/* Too few units for a linear function of the inputs to pass, whatever else; or a single one. */
static bool is_bottleneck(const fit *f)
{
    const bp_network *net = f->d->net;
    const size_t outputs = net->output_width - (f->b->kind == LINEAR_CLASSES);
    const size_t units = narrowest_layer(net)->units;
    return units == 1 || units < bpi_min(net->input_width, outputs);
}

/* Another fault that explains why the network has learned little. The units of a bottleneck become saturated
 * because they are few. */
static bool has_other_cause(const fit *f)
{
    static const bp_finding_kind causes[] = {
        BP_FINDING_SYMMETRIC_UNITS,         BP_FINDING_DEAD_UNITS,      BP_FINDING_VANISHING_DERIVATIVES,
        BP_FINDING_EXPLODING_DERIVATIVES,   BP_FINDING_INPUTS_UNSCALED, BP_FINDING_TARGETS_OUT_OF_REACH,
        BP_FINDING_NO_BETTER_THAN_CONSTANT, BP_FINDING_SOFTMAX_OF_ONE};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (was_reported(f->d, causes[i]))
            return true;
    return was_reported(f->d, BP_FINDING_SATURATED_UNITS) && !is_bottleneck(f);
}

/* For the training cases: the nearest neighbours, and linear models of other cases. */
static bp_status check_too_few(const fit *f)
{
    const baseline *b = f->b;
    const case_rows *rows = &b->training.rows;
    const comparison near = compare(b, rows, f->outputs, f->neighbours, b->neighbours.queries),
                     linear = compare(b, rows, f->outputs, b->training.linear, rows->count);
    const bool lacks_near = is_worse(&near), lacks_linear = is_worse(&linear);
    double fall = 0;
    if ((!lacks_near && !lacks_linear) || has_other_cause(f))
        return BP_OK;
    BPI_TRY(bpi_find_fall(b, &fall));
    if (fall > max_fall)
        return BP_OK;
    const bool is_near = lacks_near && (!lacks_linear || near.theirs < linear.theirs);
    bp_finding finding = bpi_finding(BP_FINDING_TOO_FEW_UNITS, BP_SEVERITY_WARNING);
    finding.layer = narrowest_layer(f->d->net);
    finding.count = finding.layer->units;
    finding.values[0] = is_near ? near.ours : linear.ours;
    finding.values[1] = is_near ? near.theirs : linear.theirs;
    finding.values[2] = is_near;
    finding.values[3] = b->kind != LINEAR_NUMBERS;
    bpi_report(f->d, &finding);
    return BP_OK;
}

/* ----------------------------------------------------------------------- too many */

/* The errors of the network for one set of cases. */
typedef struct error_sample {
    size_t cases, wrong; /* wrong: for classes */
    double mean, variance;
} error_sample;

static error_sample sample_errors(const baseline *b, const case_rows *rows, const bp_real *outputs)
{
    error_sample found = {.cases = rows->count};
    double squares = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const double error = error_of(b, outputs + i * rows->targets, bpi_targets_of(rows, i));
        found.wrong += error > 0;
        found.mean += error / (double)rows->count;
        squares += error * error / (double)rows->count;
    }
    found.variance = fmax(0, squares - found.mean * found.mean);
    return found;
}

/* Is the error of validation cases larger than by chance? */
static bool differs(const baseline *b, const error_sample *training, const error_sample *validation)
{
    if (b->kind != LINEAR_NUMBERS)
        return bpi_fisher_test(training->wrong, training->cases, validation->wrong, validation->cases) <
               false_alarm;
    const double variance =
        training->variance / (double)training->cases + validation->variance / (double)validation->cases;
    return variance == 0 || erfc((validation->mean - training->mean) / sqrt(2 * variance)) / 2 < false_alarm;
}

static void check_too_many(const fit *f)
{
    const baseline *b = f->b;
    const bp_network *net = f->d->net;
    const double targets = (double)f->d->training.cases * (double)net->output_width;
    const error_sample training = sample_errors(b, &b->training.rows, f->outputs),
                       validation = sample_errors(b, &b->validation.rows, f->validation_outputs);
    const comparison linear = compare(b, &b->validation.rows, f->validation_outputs, b->validation.linear,
                                      b->validation.rows.count);
    if ((double)net->weight_count < many_weights * targets ||
        !(validation.mean - training.mean >= min_difference) || !differs(b, &training, &validation) ||
        is_better(&linear))
        return;
    bp_finding finding = bpi_finding(BP_FINDING_TOO_MANY_UNITS, BP_SEVERITY_WARNING);
    finding.count = f->d->training.cases;
    finding.values[0] = training.mean;
    finding.values[1] = validation.mean;
    finding.values[2] = (double)net->weight_count;
    finding.values[3] = b->kind != LINEAR_NUMBERS;
    bpi_report(f->d, &finding);
}

/* ------------------------------------------------------------------ no better than linear */

/* Training cases tell nothing if a linear model can learn them by heart. */
static bool may_compare(const fit *f)
{
    enum { CASES_PER_COLUMN = 10 };
    const case_rows *rows = &f->b->training.rows;
    return f->b->validation.rows.count > 0 || rows->count >= CASES_PER_COLUMN * rows->inputs;
}

static void check_linear(const fit *f)
{
    const baseline *b = f->b;
    const bool has_validation = b->validation.rows.count > 0;
    const case_rows *rows = has_validation ? &b->validation.rows : &b->training.rows;
    const comparison c = compare(b, rows, has_validation ? f->validation_outputs : f->outputs,
                                 has_validation ? b->validation.linear : b->fitted, rows->count);
    if (!may_compare(f) || !(c.ours >= no_lower * c.theirs) ||
        was_reported(f->d, BP_FINDING_NO_BETTER_THAN_CONSTANT) ||
        was_reported(f->d, BP_FINDING_RANDOM_TARGETS))
        return;
    bp_finding finding =
        bpi_finding(BP_FINDING_NO_BETTER_THAN_LINEAR, is_worse(&c) ? BP_SEVERITY_WARNING : BP_SEVERITY_NOTE);
    finding.count = rows->count;
    finding.values[0] = c.ours;
    finding.values[1] = c.theirs;
    finding.values[2] = has_validation;
    finding.values[3] = b->kind != LINEAR_NUMBERS;
    bpi_report(f->d, &finding);
}

/* Whatever its weights are. Where neighbours show that there is more to learn, it is a warning. */
static void report_linear(diagnosis *d, bool is_missed)
{
    bp_finding finding =
        bpi_finding(BP_FINDING_NO_BETTER_THAN_LINEAR, is_missed ? BP_SEVERITY_WARNING : BP_SEVERITY_NOTE);
    finding.layer = narrowest_layer(d->net);
    bpi_report(d, &finding);
}

/* ----------------------------------------------------------------------- the whole */

static bp_status prepare(fit *f)
{
    const baseline *b = f->b;
    const case_rows *rows = &b->training.rows, *others = &b->validation.rows;
    const size_t row = rows->targets * sizeof(bp_real);
    f->outputs = bpi_allocate(f->d->allocator, rows->count, row);
    f->validation_outputs = bpi_allocate(f->d->allocator, others->count, row);
    f->neighbours = bpi_allocate(f->d->allocator, b->neighbours.queries, row);
    if (f->outputs == NULL || f->validation_outputs == NULL || f->neighbours == NULL)
        return bpi_diagnosis_fail_memory(f->d);
    for (size_t i = 0; i < b->neighbours.queries; i++)
        memcpy(f->neighbours + i * rows->targets, bpi_targets_of(rows, b->neighbours.nearest[i][0]), row);
    BPI_TRY(find_outputs(f, &f->d->training, &b->training, f->outputs));
    return find_outputs(f, &f->d->validation, &b->validation, f->validation_outputs);
}

static bp_status check_all(const fit *f)
{
    if (is_linear(f->d->net)) {
        const comparison near =
            compare(f->b, &f->b->training.rows, f->outputs, f->neighbours, f->b->neighbours.queries);
        report_linear(f->d, is_worse(&near));
    } else {
        BPI_TRY(check_too_few(f));
    }
    if (f->b->validation.rows.count > 0)
        check_too_many(f);
    if (!is_linear(f->d->net))
        check_linear(f);
    return BP_OK;
}

/* Cases that do not count alike, and losses whose best outputs are not the means of the targets, have other
 * aims. */
static bool is_judged(const diagnosis *d)
{
    return !d->net->weights_drawn && narrowest_layer(d->net) != NULL && d->training.case_weights == NULL &&
           d->validation.case_weights == NULL && bpi_loss_fits_means(&d->loss, d->net);
}

bp_status bpi_check_fit(diagnosis *d, const baseline *b)
{
    fit f = {.d = d, .b = b};
    if (b == NULL || !is_judged(d)) {
        if (is_linear(d->net))
            report_linear(d, false);
        return BP_OK;
    }
    bp_status status = prepare(&f);
    if (status == BP_OK)
        status = check_all(&f);
    bpi_release(d->allocator, f.outputs);
    bpi_release(d->allocator, f.validation_outputs);
    bpi_release(d->allocator, f.neighbours);
    return status;
}
