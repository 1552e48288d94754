#include "check/check_inputs.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "check/duplicate_columns.h"
#include "engine/finding.h"

/* ------------------------------------------------------------------------ constant */

/* Can the columns of this layer be left out one by one? Those of pictures and of time steps cannot. */
static bool has_free_columns(const bp_layer *layer)
{
    if (!layer->is_input || layer->network->original != NULL)
        return false;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        if (layer->outgoing[i]->shape.kind == BP_CONNECTION_CONVOLUTION)
            return false;
    return true;
}

static void check_constant(diagnosis *d)
{
    bp_finding finding = bpi_finding(BP_FINDING_CONSTANT_INPUT, BP_SEVERITY_NOTE);
    finding.count = 0;
    for (size_t i = 0; i < d->net->layer_count; i++) {
        const bp_layer *layer = d->net->layers[i];
        if (!has_free_columns(layer))
            continue;
        for (size_t column = layer->column; column < layer->column + layer->units; column++) {
            if (d->inputs[column].min < d->inputs[column].max)
                continue;
            if (finding.count++ == 0)
                finding.column = column;
        }
    }
    if (finding.count == 0 || d->training.cases < 2)
        return;
    finding.values[0] = d->inputs[finding.column].min;
    finding.values[1] = (double)d->training.cases;
    bpi_report(d, &finding);
}

static bp_status check_duplicates(diagnosis *d)
{
    for (size_t i = 0; i < d->net->layer_count; i++)
        if (d->net->layers[i]->is_input && !has_free_columns(d->net->layers[i]))
            return BP_OK;
    duplicate_columns found;
    if (!bpi_find_duplicate_columns(d->allocator, &d->training, d->inputs, &found))
        return bpi_diagnosis_fail_memory(d);
    if (found.count == 0)
        return BP_OK;
    bp_finding finding = bpi_finding(BP_FINDING_DUPLICATE_INPUT, BP_SEVERITY_NOTE);
    finding.column = found.column;
    finding.count = found.count;
    finding.values[0] = (double)found.of;
    finding.values[1] = found.factor;
    finding.values[2] = found.shift;
    finding.values[3] = (double)d->training.cases;
    bpi_report(d, &finding);
    return BP_OK;
}

/* ------------------------------------------------------------------------ outliers */

/*
 * Values are outliers if a gap parts them from all others that is OUTLIER_GAP times as wide as the range of
 * these others, and they are a share of MAX_OUTLIERS at most, on each side. No distribution with a variance
 * has such a gap but by rare chance; scaled by its standard deviation, or by the automatic rule, all that the
 * column says otherwise is then squeezed to less than a tenth of what it takes.
 *
 * Columns most of which is one value, such as pixels, have no range to speak of, and are left out.
 */
static const double outlier_gap = 10, max_outliers = 0.05;
enum { MIN_OUTLIER_CASES = 20 };

/* About so many cases tell the quantiles of a column well enough to see whether a closer look is worth while.
 */
enum { QUICK_CASES = 1024 };

/* The outliers of one column. */
typedef struct outliers {
    size_t count;
    double worst, low, high; /* the one farthest away; the range of all others */
    double gap;              /* in ranges of all others */
} outliers;

static int compare_reals(const void *a, const void *b)
{
    bp_real x = *(const bp_real *)a, y = *(const bp_real *)b;
    return (x > y) - (x < y);
}

/* Every step-th of some cases; order NULL: of all cases. Returns how many these are. */
static size_t sort_column(const bp_data *data, const size_t *order, size_t cases, size_t step, size_t column,
                          bp_real *values)
{
    size_t count = 0;
    for (size_t i = 0; i < cases; i += step)
        values[count++] = input_row(data, order == NULL ? i : order[i])[column];
    qsort(values, count, sizeof *values, compare_reals);
    return count;
}

/* A quick look at a sorted sample: may the column have outliers? */
static bool may_have_outliers(const bp_real *sorted, size_t count, const column_statistics *column)
{
    const size_t tail = (size_t)(max_outliers * (double)count) + 1;
    double low = (double)sorted[tail], high = (double)sorted[count - 1 - tail];
    if (sorted[count / 4] == sorted[count - 1 - count / 4])
        return false;
    double reach = (outlier_gap - 1) * (high - low);
    return column->max > high + reach || column->min < low - reach;
}

/* The index before which the widest of the gaps first .. last is; gap i is before value i. */
static size_t widest_gap(const bp_real *sorted, size_t first, size_t last)
{
    size_t widest = first;
    for (size_t i = first; i <= last; i++)
        if (sorted[i] - sorted[i - 1] > sorted[widest] - sorted[widest - 1])
            widest = i;
    return widest;
}

/* The gap before value i, in ranges of the values first .. end - 1; 0 if these have none. */
static double relative_gap(const bp_real *sorted, size_t i, size_t first, size_t end)
{
    double range = (double)sorted[end - 1] - (double)sorted[first];
    return range > 0 ? ((double)sorted[i] - (double)sorted[i - 1]) / range : 0;
}

/* All values of the column, sorted. */
static outliers find_outliers(const bp_real *sorted, size_t count)
{
    const size_t tail = (size_t)(max_outliers * (double)count);
    size_t first = widest_gap(sorted, 1, tail), end = widest_gap(sorted, count - tail, count - 1);
    double below = relative_gap(sorted, first, first, end), above = relative_gap(sorted, end, first, end);
    if (below < outlier_gap) {
        first = 0;
        above = relative_gap(sorted, end, first, end);
    }
    if (above < outlier_gap) {
        end = count;
        below = first > 0 ? relative_gap(sorted, first, first, end) : 0;
    }
    if (below < outlier_gap && above < outlier_gap)
        return (outliers){0};
    bool is_above = above >= outlier_gap && above >= below;
    return (outliers){.count = (below < outlier_gap ? 0 : first) + (count - end),
                      .worst = (double)(is_above ? sorted[count - 1] : sorted[0]),
                      .low = (double)sorted[first],
                      .high = (double)sorted[end - 1],
                      .gap = fmax(below, above)};
}

/* The column with the widest gap, and how many columns have outliers. */
static void find_in_columns(diagnosis *d, bp_real *values, bp_finding *finding)
{
    const case_sample *sample = &d->training_sample;
    const size_t step = bpi_max(1, sample->count / QUICK_CASES);
    double widest = 0;
    for (size_t column = 0; column < d->net->input_width; column++) {
        if (d->inputs[column].is_two_valued || d->inputs[column].min == d->inputs[column].max)
            continue;
        size_t count = sort_column(&d->training, sample->order, sample->count, step, column, values);
        if (!may_have_outliers(values, count, &d->inputs[column]))
            continue;
        sort_column(&d->training, NULL, d->training.cases, 1, column, values);
        const outliers found = find_outliers(values, d->training.cases);
        finding->count += found.count > 0;
        if (found.gap <= widest)
            continue;
        widest = found.gap;
        finding->column = column;
        finding->values[0] = found.worst;
        finding->values[1] = found.low;
        finding->values[2] = found.high;
        finding->values[3] = (double)found.count;
    }
}

static bp_status check_outliers(diagnosis *d)
{
    if (d->training.cases < MIN_OUTLIER_CASES)
        return BP_OK;
    bp_real *values = bpi_allocate(d->allocator, d->training.cases, sizeof *values);
    if (values == NULL)
        return bpi_diagnosis_fail_memory(d);
    bp_finding finding = bpi_finding(BP_FINDING_OUTLIERS, BP_SEVERITY_WARNING);
    finding.count = 0;
    find_in_columns(d, values, &finding);
    if (finding.count > 0)
        bpi_report(d, &finding);
    bpi_release(d->allocator, values);
    return BP_OK;
}

/* ------------------------------------------------------------------------- scaling */

/*
 * Initial weights are made for inputs of a mean square of about 1. The root mean square of a column may
 * reach 10, as much as the automatic scaling allows a value, before hidden units are saturated, and 1/100
 * before they hardly feel it. A column 100 times larger than the median one makes the condition number of the
 * error's second derivatives at least its square, 1e4, and gradient descent as slow.
 */
static const double max_size = 10, min_size = 0.01, max_ratio = 100;

/* The size of a column as the network sees it: root mean square, and standard deviation. */
static double size_of(const diagnosis *d, size_t column, double *deviation)
{
    const column_scaling *scaling = &d->net->input_scaling;
    double offset = scaling->factor == NULL ? 0 : (double)scaling->offset[column];
    double factor = scaling->factor == NULL ? 1 : (double)scaling->factor[column];
    *deviation = fabs(d->inputs[column].deviation * factor);
    return hypot((d->inputs[column].mean - offset) * factor, *deviation);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void judge_sizes(diagnosis *d, double *deviations)
{
    double largest = 0;
    size_t count = 0, worst = 0;
    for (size_t column = 0; column < d->net->input_width; column++) {
        double size = size_of(d, column, &deviations[count]);
        count += deviations[count] > 0;
        if (size > largest) {
            largest = size;
            worst = column;
        }
    }
    if (count == 0)
        return;
    qsort(deviations, count, sizeof *deviations, compare_doubles);
    double median = deviations[count / 2];
    if (largest <= max_size && largest >= min_size && largest <= max_ratio * median)
        return;
    bp_finding finding = bpi_finding(BP_FINDING_INPUTS_UNSCALED,
                                     bpi_will_be_scaled(d) ? BP_SEVERITY_NOTE : BP_SEVERITY_WARNING);
    finding.column = worst;
    finding.values[0] = largest;
    finding.values[1] = median;
    bpi_report(d, &finding);
}

static bp_status check_sizes(diagnosis *d)
{
    double *deviations = bpi_allocate(d->allocator, d->net->input_width, sizeof *deviations);
    if (deviations == NULL)
        return bpi_diagnosis_fail_memory(d);
    judge_sizes(d, deviations);
    bpi_release(d->allocator, deviations);
    return BP_OK;
}

bp_status bpi_check_inputs(diagnosis *d)
{
    BPI_TRY(check_sizes(d));
    BPI_TRY(check_outliers(d));
    BPI_TRY(check_duplicates(d));
    check_constant(d);
    return BP_OK;
}
