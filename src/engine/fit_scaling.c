/* bp_network_fit_scaling: offset and factor of each column from data. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/check_data.h"
#include "engine/scale.h"
#include "network/require.h"
#include "network/scaling.h"

enum { SCALING_NONE = 1, SCALING_MIN_MAX = 2, SCALING_STANDARD = 3 };

bp_scaling bp_scaling_none(void)
{
    return (bp_scaling){.kind = SCALING_NONE};
}

bp_scaling bp_scaling_min_max(double low, double high)
{
    return (bp_scaling){.kind = SCALING_MIN_MAX, .parameter = {low, high}};
}

bp_scaling bp_scaling_standard(void)
{
    return (bp_scaling){.kind = SCALING_STANDARD};
}

static bp_status check_scaling(const char *function, const char *name, const bp_scaling *scaling)
{
    char where[64];
    snprintf(where, sizeof where, "%s: %s", function, name);
    double low = scaling->parameter[0], high = scaling->parameter[1];
    bool is_known = scaling->kind >= SCALING_NONE && scaling->kind <= SCALING_STANDARD;
    BPI_TRY(BPI_CHECK_VALUE(where, "scaling", "bp_scaling_*", scaling, is_known));
    if (!bpi_fits_real(low) || !bpi_fits_real(high))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s has the bound %s", where,
                        bpi_format_real(bpi_fits_real(low) ? high : low).text);
    if (scaling->kind == SCALING_MIN_MAX && low >= high)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the range %s to %s; low must be below high", where,
                        bpi_format_real(low).text, bpi_format_real(high).text);
    return BP_OK;
}
/* The inputs or targets of all cases, checked. */
typedef struct column_sample {
    const char *function, *name;
    size_t cases, columns;
    const bp_real *values;
    size_t stride;
} column_sample;

/* Statistics of a column. The variance is divided by n, not n - 1. */
typedef struct column_statistics {
    double min, max, mean, deviation;
} column_statistics;

static void start_columns(const column_sample *sample, column_statistics *columns)
{
    for (size_t i = 0; i < sample->columns; i++) {
        double first = (double)sample->values[i];
        columns[i] = (column_statistics){.min = first, .max = first};
    }
}

static void find_ranges_and_means(const column_sample *sample, column_statistics *columns)
{
    for (size_t row = 0; row < sample->cases; row++) {
        const bp_real *values = sample->values + row * sample->stride;
        for (size_t i = 0; i < sample->columns; i++) {
            double x = (double)values[i];
            columns[i].min = x < columns[i].min ? x : columns[i].min;
            columns[i].max = x > columns[i].max ? x : columns[i].max;
            columns[i].mean += x;
        }
    }
    for (size_t i = 0; i < sample->columns; i++)
        columns[i].mean /= (double)sample->cases;
}

static void find_deviations(const column_sample *sample, column_statistics *columns)
{
    for (size_t row = 0; row < sample->cases; row++) {
        const bp_real *values = sample->values + row * sample->stride;
        for (size_t i = 0; i < sample->columns; i++) {
            double distance = (double)values[i] - columns[i].mean;
            columns[i].deviation += distance * distance;
        }
    }
    for (size_t i = 0; i < sample->columns; i++)
        columns[i].deviation = sqrt(columns[i].deviation / (double)sample->cases);
}

/* Are minimum and maximum finite after scaling and after scaling back? Then all values between them are. */
static bool ends_survive(const column_statistics *column, bp_real offset, bp_real factor)
{
    bp_real min = bpi_scale_value((bp_real)column->min, offset, factor);
    bp_real max = bpi_scale_value((bp_real)column->max, offset, factor);
    return isfinite(min) && isfinite(max) && isfinite(bpi_unscale_value(min, offset, factor)) &&
           isfinite(bpi_unscale_value(max, offset, factor));
}

/* The factor, lowered if rounding takes the scaled maximum above `high`: 1 + epsilon is not a probability. */
static bp_real limit_factor(double high, const column_statistics *column, bp_real offset, bp_real factor)
{
    enum { TRIES = 4 };
    bp_real distance = (bp_real)column->max - offset;
    if ((double)(distance * factor) <= high)
        return factor;
    factor = (bp_real)(high / (double)distance);
    for (int i = 0; i < TRIES && (double)(distance * factor) > high; i++)
        factor *= 1 - BPI_REAL_EPSILON;
    return factor;
}

/* x' = (x - origin) * slope, before rounding. */
typedef struct scaling_line {
    double origin, slope;
} scaling_line;

static scaling_line fit_line(const bp_scaling *rule, const column_statistics *column)
{
    bool min_max = rule->kind == SCALING_MIN_MAX;
    double low = rule->parameter[0], high = rule->parameter[1];
    if (column->min == column->max)
        return (scaling_line){column->min - (min_max ? low : 0), 1};
    if (!min_max)
        return (scaling_line){column->mean, 1 / column->deviation};
    double span = column->max - column->min;
    return (scaling_line){column->min - low * (span / (high - low)), (high - low) / span};
}

/* Offset and factor of one column. False if they, or the scaled column, are not finite in bp_real. */
static bool fit_column(const bp_scaling *rule, const column_statistics *column, bp_real *offset,
                       bp_real *factor)
{
    scaling_line line = fit_line(rule, column);
    if (!bpi_fits_real(line.slope) || !bpi_fits_real(line.origin))
        return false;
    *offset = (bp_real)line.origin;
    *factor = (bp_real)line.slope;
    bool may_be_probability = rule->kind == SCALING_MIN_MAX && rule->parameter[0] >= 0;
    if (may_be_probability && column->min < column->max)
        *factor = limit_factor(rule->parameter[1], column, *offset, *factor);
    return *factor != 0 && ends_survive(column, *offset, *factor);
}

static bp_status fit_columns(const column_sample *sample, const bp_scaling *rule,
                             const column_statistics *columns, column_scaling *fresh)
{
    for (size_t i = 0; i < sample->columns; i++)
        if (!fit_column(rule, &columns[i], &fresh->offset[i], &fresh->factor[i]))
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: data.%s: column %zu, from %s to %s, cannot be scaled",
                            sample->function, sample->name, i, bpi_format_real(columns[i].min).text,
                            bpi_format_real(columns[i].max).text);
    return BP_OK;
}

/* Fits the empty *fresh to a sample; bp_scaling_none leaves it empty. On failure the caller clears it. */
static bp_status fit(const bp_allocator *allocator, const column_sample *sample, const bp_scaling *rule,
                     column_scaling *fresh)
{
    if (rule->kind == SCALING_NONE)
        return BP_OK;
    column_statistics *columns = bpi_allocate(allocator, sample->columns, sizeof *columns);
    bp_status status = BP_OK;
    if (columns == NULL || !bpi_scaling_reserve(allocator, fresh, sample->columns))
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling of %zu columns", sample->function,
                          sample->columns);
    if (status == BP_OK) {
        start_columns(sample, columns);
        find_ranges_and_means(sample, columns);
        find_deviations(sample, columns);
        status = fit_columns(sample, rule, columns, fresh);
    }
    bpi_release(allocator, columns);
    return status;
}

static bp_status fit_both(const char *function, bp_network *net, const bp_data *data,
                          const bp_scaling *inputs, const bp_scaling *targets)
{
    column_scaling fresh_inputs = {NULL, NULL}, fresh_targets = {NULL, NULL};
    column_sample from_inputs = {function,         "inputs",     data->cases,
                                 net->input_width, data->inputs, data->input_stride};
    column_sample from_targets = {function,          "targets",     data->cases,
                                  net->output_width, data->targets, data->target_stride};
    bp_status status = fit(&net->allocator, &from_inputs, inputs, &fresh_inputs);
    if (status == BP_OK)
        status = fit(&net->allocator, &from_targets, targets, &fresh_targets);
    if (status != BP_OK) {
        bpi_scaling_clear(&net->allocator, &fresh_inputs);
        bpi_scaling_clear(&net->allocator, &fresh_targets);
        return status;
    }
    bpi_scaling_replace(&net->allocator, &net->input_scaling, &fresh_inputs, net->input_width);
    bpi_scaling_replace(&net->allocator, &net->target_scaling, &fresh_targets, net->output_width);
    return BP_OK;
}

bp_status bp_network_fit_scaling(bp_network *net, const bp_data *data, bp_scaling inputs, bp_scaling targets)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(data);
    BPI_TRY(bpi_require_finalized(__func__, net));
    BPI_TRY(check_scaling(__func__, "inputs", &inputs));
    BPI_TRY(check_scaling(__func__, "targets", &targets));
    bp_data checked;
    int need = DATA_INPUTS | DATA_UNSCALED | (targets.kind == SCALING_NONE ? 0 : DATA_TARGETS);
    BPI_TRY(bpi_check_data(__func__, "data", net, data, need, &checked));
    return fit_both(__func__, net, &checked, &inputs, &targets);
}
