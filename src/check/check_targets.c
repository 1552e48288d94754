#include "check/check_targets.h"

#include <math.h>

#include "engine/finding.h"
#include "engine/loss.h"
#include "network/activation_kind.h"

static bp_finding finding_of(const bp_layer *layer, bp_finding_kind kind, bp_severity severity)
{
    bp_finding finding = bpi_finding(kind, severity);
    finding.layer = layer;
    return finding;
}

/* ------------------------------------------------------------------------- classes */

/* A class is rare if it has less than this part of the even share. */
static const double rare_share = 0.1;

static void report_rare(diagnosis *d, const bp_layer *layer, size_t column, size_t rarest, size_t commonest,
                        size_t classes)
{
    if ((double)rarest * (double)classes >= rare_share * (double)d->training.cases)
        return;
    bp_finding finding = finding_of(layer, BP_FINDING_CLASS_RARE, BP_SEVERITY_WARNING);
    finding.column = column;
    finding.count = rarest;
    finding.values[0] = (double)d->training.cases;
    finding.values[1] = (double)classes;
    finding.values[2] = (double)commonest;
    bpi_report(d, &finding);
}

static void check_one_hot(diagnosis *d, const bp_layer *layer)
{
    const size_t first = layer->output_column, end = first + layer->units;
    size_t rarest = end, commonest = first, absent = 0;
    bp_finding finding = finding_of(layer, BP_FINDING_CLASS_ABSENT, BP_SEVERITY_WARNING);
    for (size_t i = first; i < end; i++) {
        const size_t cases = d->class_cases[i];
        if (cases == 0 && absent++ == 0)
            finding.column = i;
        if (cases > 0 && (rarest == end || cases < d->class_cases[rarest]))
            rarest = i;
        if (cases > d->class_cases[commonest])
            commonest = i;
    }
    if (absent > 0) {
        finding.count = absent;
        finding.values[0] = (double)d->training.cases;
        finding.values[1] = (double)layer->units;
        bpi_report(d, &finding);
    }
    report_rare(d, layer, rarest, d->class_cases[rarest], d->class_cases[commonest], layer->units);
}

static void check_binary(diagnosis *d, const bp_layer *layer)
{
    const column_statistics *column = &d->targets[layer->output_column];
    double high_share = (column->mean - column->min) / (column->max - column->min);
    size_t high = (size_t)(high_share * column->count + 0.5), low = d->training.cases - high;
    report_rare(d, layer, layer->output_column, high < low ? high : low, high < low ? low : high, 2);
}

static void check_constant(diagnosis *d, const bp_layer *layer)
{
    bp_finding finding = finding_of(layer, BP_FINDING_CONSTANT_TARGET, BP_SEVERITY_NOTE);
    finding.count = 0;
    for (size_t i = layer->output_column; i < layer->output_column + layer->units; i++)
        if (d->targets[i].min == d->targets[i].max && finding.count++ == 0)
            finding.column = i;
    if (finding.count == 0 || d->training.cases < 2)
        return;
    finding.values[0] = d->targets[finding.column].min;
    finding.values[1] = (double)d->training.cases;
    if (finding.count == layer->units)
        finding.severity = BP_SEVERITY_WARNING;
    bpi_report(d, &finding);
}

/* --------------------------------------------------------------------------- reach */

/* Targets may be off by rounding: of the scaling, and of shares that should sum to 1. */
static const double rounding = 1e-4;

static size_t count_beyond(const diagnosis *d, const bp_layer *layer, double low, double high)
{
    size_t count = 0;
    for (size_t row = 0; row < d->training.cases; row++) {
        const bp_real *targets = target_row(&d->training, row);
        bool is_beyond = false;
        for (size_t i = layer->output_column; i < layer->output_column + layer->units; i++) {
            double target = bpi_scaled_target(d, i, (double)targets[i]);
            is_beyond |= target < low - rounding || target > high + rounding;
        }
        count += is_beyond;
    }
    return count;
}

/* True if a target is out of reach. */
static bool check_range(diagnosis *d, const bp_layer *layer)
{
    double low, high, beyond = rounding;
    bp_finding finding = finding_of(layer, BP_FINDING_TARGETS_OUT_OF_REACH,
                                    bpi_will_be_scaled(d) ? BP_SEVERITY_NOTE : BP_SEVERITY_ERROR);
    bpi_activation_range(&layer->activation, &low, &high);
    for (size_t i = layer->output_column; i < layer->output_column + layer->units; i++) {
        double least, most;
        bpi_scaled_ends(d, i, &least, &most);
        double distance = fmax(low - least, most - high);
        if (distance <= beyond)
            continue;
        beyond = distance;
        finding.column = i;
        finding.values[0] = least;
        finding.values[1] = most;
    }
    if (beyond <= rounding)
        return false;
    finding.count = count_beyond(d, layer, low, high);
    finding.values[2] = low;
    finding.values[3] = high;
    bpi_report(d, &finding);
    return true;
}

static double sum_of_targets(const diagnosis *d, const bp_layer *layer, size_t row)
{
    const bp_real *targets = target_row(&d->training, row);
    double sum = 0;
    for (size_t i = layer->output_column; i < layer->output_column + layer->units; i++)
        sum += bpi_scaled_target(d, i, (double)targets[i]);
    return sum;
}

/* Softmax outputs sum to 1. */
static void check_sums(diagnosis *d, const bp_layer *layer)
{
    bp_finding finding = finding_of(layer, BP_FINDING_TARGETS_OUT_OF_REACH, BP_SEVERITY_ERROR);
    double farthest = 0;
    finding.count = 0;
    for (size_t row = 0; row < d->training.cases; row++) {
        double sum = sum_of_targets(d, layer, row), distance = fabs(sum - 1);
        finding.count += distance > rounding * (double)layer->units;
        if (distance > farthest) {
            farthest = distance;
            finding.values[0] = sum;
        }
    }
    if (finding.count > 0)
        bpi_report(d, &finding);
}

static void check_reach(diagnosis *d, const bp_layer *layer)
{
    if (bpi_loss_is_custom(bpi_loss_of(&d->loss, layer))) /* whose targets may be anything */
        return;
    bool is_softmax = layer->activation.kind == ACTIVATION_SOFTMAX;
    if (!check_range(d, layer) && is_softmax && layer->units > 1)
        check_sums(d, layer);
}

/* ------------------------------------------------------------------------- the loss */

static bool are_zeros_and_ones(const diagnosis *d, const bp_layer *layer)
{
    for (size_t i = layer->output_column; i < layer->output_column + layer->units; i++)
        if (!d->targets[i].is_two_valued || d->targets[i].min != 0 || d->targets[i].max != 1)
            return false;
    return true;
}

static void check_loss(diagnosis *d, const bp_layer *layer, target_kind kind)
{
    const int32_t activation = layer->activation.kind;
    const bp_loss *loss = bpi_loss_of(&d->loss, layer);
    const bool fits_mean = bpi_loss_fits_mean(loss, &layer->activation);
    const bool is_entropy = bpi_loss_gives_delta(loss, &layer->activation);
    const bool is_squared = fits_mean && !is_entropy;
    bp_finding finding = finding_of(layer, BP_FINDING_NONE, BP_SEVERITY_NOTE);
    if (activation == ACTIVATION_SOFTMAX && layer->units > 1 && is_squared) {
        finding.kind = BP_FINDING_SQUARED_ERROR_SOFTMAX;
        finding.severity = BP_SEVERITY_WARNING;
    } else if (kind == TARGETS_ONE_HOT && activation != ACTIVATION_SOFTMAX &&
               activation != ACTIVATION_CUSTOM && (fits_mean || is_entropy)) {
        finding.kind = BP_FINDING_SOFTMAX_SUITS;
        finding.count = layer->units;
    } else if (activation == ACTIVATION_LOGISTIC && is_squared && are_zeros_and_ones(d, layer)) {
        finding.kind = BP_FINDING_CROSS_ENTROPY;
    }
    if (finding.kind != BP_FINDING_NONE)
        bpi_report(d, &finding);
}

void bpi_check_targets(diagnosis *d)
{
    for (size_t i = 0; i < d->net->output_count; i++) {
        const bp_layer *layer = d->net->outputs[i];
        check_reach(d, layer);
        check_loss(d, layer, d->target_kinds[i]);
        if (d->target_kinds[i] == TARGETS_ONE_HOT)
            check_one_hot(d, layer);
        else if (d->target_kinds[i] == TARGETS_BINARY)
            check_binary(d, layer);
        else
            check_constant(d, layer);
    }
}
