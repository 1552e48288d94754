#include "model/scaling.h"

#include <string.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "model/data.h"

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
    double low = scaling->parameter[0], high = scaling->parameter[1];
    if (scaling->kind < SCALING_NONE || scaling->kind > SCALING_STANDARD)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s was not made by a bp_scaling_* function", function, name);
    if (!bpi_fits_real(low) || !bpi_fits_real(high))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s has the bound %s", function, name,
                        bpi_format_real(bpi_fits_real(low) ? high : low).text);
    if (scaling->kind == SCALING_MIN_MAX && low >= high)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s has the range %s to %s; low must be below high", function,
                        name, bpi_format_real(low).text, bpi_format_real(high).text);
    return BP_OK;
}

/* ----------------------------------------------------------------- using it */

static bp_real scale_value(bp_real x, bp_real offset, bp_real factor)
{
    return (x - offset) * factor;
}

static bp_real unscale_value(bp_real x, bp_real offset, bp_real factor)
{
    return x / factor + offset;
}

static void copy_rows(const scaled_rows *block)
{
    for (size_t row = 0; row < block->rows; row++)
        memmove(block->to + row * block->to_stride, block->from + row * block->from_stride,
                block->columns * sizeof *block->to);
}

void bpi_scale(const column_scaling *scaling, const scaled_rows *block)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy_rows(block);
        return;
    }
    const bp_real *offset = scaling->offset + block->first, *factor = scaling->factor + block->first;
    for (size_t row = 0; row < block->rows; row++) {
        const bp_real *from = block->from + row * block->from_stride;
        bp_real *to = block->to + row * block->to_stride;
        for (size_t i = 0; i < block->columns; i++)
            to[i] = scale_value(from[i], offset[i], factor[i]);
    }
}

void bpi_unscale(const column_scaling *scaling, const scaled_rows *block)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy_rows(block);
        return;
    }
    const bp_real *offset = scaling->offset + block->first, *factor = scaling->factor + block->first;
    for (size_t row = 0; row < block->rows; row++) {
        const bp_real *from = block->from + row * block->from_stride;
        bp_real *to = block->to + row * block->to_stride;
        for (size_t i = 0; i < block->columns; i++)
            to[i] = unscale_value(from[i], offset[i], factor[i]);
    }
}

bool bpi_scales_to_finite(const column_scaling *scaling, const bp_real *row, size_t columns)
{
    int wrong = 0;
    for (size_t i = 0; i < columns; i++) {
        /* A factor is never 0, so what is not finite stays so; and v - v is 0 for finite v alone. */
        bp_real v = scale_value(row[i], scaling->offset[i], scaling->factor[i]);
        wrong |= !(v - v == 0);
    }
    return !wrong;
}

/* ------------------------------------------------------------------- memory */

void bpi_scaling_clear(const bp_allocator *allocator, column_scaling *scaling)
{
    bpi_release(allocator, scaling->offset);
    bpi_release(allocator, scaling->factor);
    *scaling = (column_scaling){NULL, NULL};
}

/* Room for columns >= 1 columns in an empty scaling. */
static bool make_room(const bp_allocator *allocator, column_scaling *scaling, size_t columns)
{
    scaling->offset = bpi_allocate(allocator, columns, sizeof(bp_real));
    scaling->factor = bpi_allocate(allocator, columns, sizeof(bp_real));
    if (scaling->offset != NULL && scaling->factor != NULL)
        return true;
    bpi_scaling_clear(allocator, scaling);
    return false;
}

static void replace(bp_network *net, column_scaling *old, const column_scaling *fresh)
{
    bpi_scaling_clear(&net->allocator, old);
    *old = *fresh;
}

/* Fills an empty scaling; false, and still empty, when there is no memory. */
static bool hold(const bp_allocator *allocator, column_scaling *fresh, const bp_real *offsets,
                 const bp_real *factors, size_t columns)
{
    if (!make_room(allocator, fresh, columns))
        return false;
    memcpy(fresh->offset, offsets, columns * sizeof *offsets);
    memcpy(fresh->factor, factors, columns * sizeof *factors);
    return true;
}

bool bpi_scaling_copy(const bp_allocator *allocator, column_scaling *copy, const column_scaling *scaling,
                      size_t columns, size_t times)
{
    if (!bpi_scaling_is_set(scaling))
        return true;
    if (!make_room(allocator, copy, columns * times))
        return false;
    for (size_t i = 0; i < times; i++) {
        memcpy(copy->offset + i * columns, scaling->offset, columns * sizeof *copy->offset);
        memcpy(copy->factor + i * columns, scaling->factor, columns * sizeof *copy->factor);
    }
    return true;
}

/* ------------------------------------------------------------------ fitting */

/* Values of some columns to learn from, all finite. */
typedef struct column_sample {
    const char *function, *name;
    size_t cases, columns;
    const bp_real *values;
    size_t stride;
} column_sample;

/* What a column is like; the deviation is that of n, not n - 1. */
typedef struct column_facts {
    double least, greatest, mean, deviation;
} column_facts;

static void start_columns(const column_sample *sample, column_facts *columns)
{
    for (size_t i = 0; i < sample->columns; i++) {
        double first = (double)sample->values[i];
        columns[i] = (column_facts){.least = first, .greatest = first};
    }
}

static void find_ranges_and_means(const column_sample *sample, column_facts *columns)
{
    for (size_t row = 0; row < sample->cases; row++) {
        const bp_real *values = sample->values + row * sample->stride;
        for (size_t i = 0; i < sample->columns; i++) {
            double x = (double)values[i];
            columns[i].least = x < columns[i].least ? x : columns[i].least;
            columns[i].greatest = x > columns[i].greatest ? x : columns[i].greatest;
            columns[i].mean += x;
        }
    }
    for (size_t i = 0; i < sample->columns; i++)
        columns[i].mean /= (double)sample->cases;
}

static void find_deviations(const column_sample *sample, column_facts *columns)
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

/* Do both ends of a column stay finite on the way in and out? What is between them then does too. */
static bool ends_survive(const column_facts *column, bp_real offset, bp_real factor)
{
    bp_real least = scale_value((bp_real)column->least, offset, factor);
    bp_real greatest = scale_value((bp_real)column->greatest, offset, factor);
    return isfinite(least) && isfinite(greatest) && isfinite(unscale_value(least, offset, factor)) &&
           isfinite(unscale_value(greatest, offset, factor));
}

/* The factor, made less if rounding carries the greatest value over its bound: 1 + epsilon is no probability.
 */
static bp_real pull_below(double high, const column_facts *column, bp_real offset, bp_real factor)
{
    enum { TRIES = 4 };
    bp_real distance = (bp_real)column->greatest - offset;
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

static scaling_line fit_line(const bp_scaling *rule, const column_facts *column)
{
    bool min_max = rule->kind == SCALING_MIN_MAX;
    double low = rule->parameter[0], high = rule->parameter[1];
    if (column->least == column->greatest)
        return (scaling_line){column->least - (min_max ? low : 0), 1};
    if (!min_max)
        return (scaling_line){column->mean, 1 / column->deviation};
    double span = column->greatest - column->least;
    return (scaling_line){column->least - low * (span / (high - low)), (high - low) / span};
}

/* Offset and factor of one column; false if bp_real cannot hold them or what they give. */
static bool fit_column(const bp_scaling *rule, const column_facts *column, bp_real *offset, bp_real *factor)
{
    scaling_line line = fit_line(rule, column);
    if (!bpi_fits_real(line.slope) || !bpi_fits_real(line.origin))
        return false;
    *offset = (bp_real)line.origin;
    *factor = (bp_real)line.slope;
    bool may_be_probability = rule->kind == SCALING_MIN_MAX && rule->parameter[0] >= 0;
    if (may_be_probability && column->least < column->greatest)
        *factor = pull_below(rule->parameter[1], column, *offset, *factor);
    return *factor != 0 && ends_survive(column, *offset, *factor);
}

static bp_status fit_columns(const column_sample *sample, const bp_scaling *rule, const column_facts *columns,
                             column_scaling *fresh)
{
    for (size_t i = 0; i < sample->columns; i++)
        if (!fit_column(rule, &columns[i], &fresh->offset[i], &fresh->factor[i]))
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: data.%s: column %zu, from %s to %s, cannot be scaled",
                            sample->function, sample->name, i, bpi_format_real(columns[i].least).text,
                            bpi_format_real(columns[i].greatest).text);
    return BP_OK;
}

/* Learns *fresh (empty) from a sample; it is left empty for bp_scaling_none. The caller clears it on failure.
 */
static bp_status fit(const bp_allocator *allocator, const column_sample *sample, const bp_scaling *rule,
                     column_scaling *fresh)
{
    if (rule->kind == SCALING_NONE)
        return BP_OK;
    column_facts *columns = bpi_allocate(allocator, sample->columns, sizeof *columns);
    bp_status status = BP_OK;
    if (columns == NULL || !make_room(allocator, fresh, sample->columns))
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
    replace(net, &net->input_scaling, &fresh_inputs);
    replace(net, &net->target_scaling, &fresh_targets);
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
    BPI_TRY(bpi_data_check(__func__, "data", net, data, need, &checked));
    return fit_both(__func__, net, &checked, &inputs, &targets);
}

/* ------------------------------------------------------ setting and reading */

static bp_status check_columns(const char *function, const bp_real *offsets, const bp_real *factors,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(offsets[i]) || !isfinite(factors[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: column %zu has the %s %s", function, i,
                            isfinite(offsets[i]) ? "factor" : "offset",
                            bpi_format_real((double)(isfinite(offsets[i]) ? factors[i] : offsets[i])).text);
        if (factors[i] == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: column %zu has the factor 0", function, i);
    }
    return BP_OK;
}

static bp_status check_count(const char *function, const bp_network *net, size_t count, size_t width)
{
    BPI_TRY(bpi_require_finalized(function, net));
    if (count != width)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but the network has %zu columns", function, count,
                        width);
    return BP_OK;
}

static bool changes_nothing(const bp_real *offsets, const bp_real *factors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (offsets[i] != 0 || factors[i] != 1)
            return false;
    return true;
}

static bp_status set(const char *function, bp_network *net, column_scaling *scaling, const bp_real *offsets,
                     const bp_real *factors, size_t count)
{
    BPI_TRY(check_columns(function, offsets, factors, count));
    column_scaling fresh = {NULL, NULL};
    /* Without a scaling the engine can read the caller's inputs where they are. */
    if (!changes_nothing(offsets, factors, count) && !hold(&net->allocator, &fresh, offsets, factors, count))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling of %zu columns", function, count);
    replace(net, scaling, &fresh);
    return BP_OK;
}

static void get(const column_scaling *scaling, bp_real *offsets, bp_real *factors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        offsets[i] = bpi_scaling_is_set(scaling) ? scaling->offset[i] : 0;
        factors[i] = bpi_scaling_is_set(scaling) ? scaling->factor[i] : 1;
    }
}

bp_status bp_network_set_input_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                       size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->input_width));
    return set(__func__, net, &net->input_scaling, offsets, factors, count);
}

bp_status bp_network_set_target_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                        size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->output_width));
    return set(__func__, net, &net->target_scaling, offsets, factors, count);
}

bp_status bp_network_get_input_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                       size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->input_width));
    get(&net->input_scaling, offsets, factors, count);
    return BP_OK;
}

bp_status bp_network_get_target_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                        size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->output_width));
    get(&net->target_scaling, offsets, factors, count);
    return BP_OK;
}
