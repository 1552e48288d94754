#include "engine/scaling_rule.h"

#include <math.h>
#include <stdio.h>

#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/scale.h"
#include "network/activation_kind.h"

enum { SCALING_NONE = 1, SCALING_MIN_MAX, SCALING_STANDARD, SCALING_FIXED, SCALING_AUTOMATIC };

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

bp_scaling bp_scaling_fixed(double offset, double factor)
{
    return (bp_scaling){.kind = SCALING_FIXED, .parameter = {offset, factor}};
}

bp_scaling bp_scaling_pooled(bp_scaling scaling)
{
    scaling.is_pooled = 1;
    return scaling;
}

bool bpi_scaling_rule_is_none(const bp_scaling *scaling)
{
    return scaling->kind == SCALING_NONE;
}

bool bpi_scaling_rule_is_automatic(const bp_scaling *scaling)
{
    return scaling->kind == SCALING_AUTOMATIC;
}

bp_scaling bp_scaling_automatic(void)
{
    return (bp_scaling){.kind = SCALING_AUTOMATIC};
}

static bp_status check_parameters(const char *where, const bp_scaling *scaling)
{
    double first = scaling->parameter[0], second = scaling->parameter[1];
    bool is_fixed = scaling->kind == SCALING_FIXED;
    if (!bpi_fits_real(first) || !bpi_fits_real(second))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s has the %s %s", where,
                        !is_fixed              ? "bound"
                        : bpi_fits_real(first) ? "factor"
                                               : "offset",
                        bpi_format_real(bpi_fits_real(first) ? second : first).text);
    if (scaling->kind == SCALING_MIN_MAX && first >= second)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the range %s to %s; low must be below high", where,
                        bpi_format_real(first).text, bpi_format_real(second).text);
    if (is_fixed && (bp_real)second == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s has the factor 0", where);
    return BP_OK;
}

bp_status bpi_check_scaling_rule(const char *function, const char *name, const bp_scaling *scaling)
{
    char where[64];
    snprintf(where, sizeof where, "%s: %s", function, name);
    bool is_known = scaling->kind >= SCALING_NONE && scaling->kind <= SCALING_AUTOMATIC;
    BPI_TRY(BPI_CHECK_VALUE(where, "scaling", "bp_scaling_*", scaling, is_known));
    return check_parameters(where, scaling);
}

/* ------------------------------------------------------------------ lines of columns */

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

static scaling_line fit_min_max(const column_statistics *column, double low, double high)
{
    if (column->min == column->max)
        return (scaling_line){column->min - low, 1};
    double span = column->max - column->min;
    return (scaling_line){column->min - low * (span / (high - low)), (high - low) / span};
}

static scaling_line fit_standard(const column_statistics *column)
{
    if (column->min == column->max)
        return (scaling_line){column->min, 1};
    return (scaling_line){column->mean, 1 / column->deviation};
}

/* Two values become 0 and 1. No value of a column that is nearly constant, or has a long tail, becomes large.
 */
static scaling_line fit_input(const column_statistics *column)
{
    const double max_scaled = 10;
    if (column->is_two_valued) {
        bool stays = column->max == 1 && (column->min == 0 || column->min == -1);
        return stays ? (scaling_line){0, 1} : fit_min_max(column, 0, 1);
    }
    scaling_line line = fit_standard(column);
    double reach = fmax(column->max - column->mean, column->mean - column->min);
    if (reach * line.slope > max_scaled)
        line.slope = max_scaled / reach;
    return line;
}

/* By what the units of the output layer can reach. */
static scaling_line fit_target(const column_statistics *column, int32_t activation)
{
    const scaling_line none = {0, 1};
    const activation_row *row = bpi_activation_row(activation);
    if (row == NULL || row->is_of_layer)
        return none;
    if (isfinite(row->high))
        return column->min < row->low || column->max > row->high ? fit_min_max(column, row->low, row->high)
                                                                 : none;
    if (!isfinite(row->low))
        return fit_standard(column);
    if (column->min >= 0 && column->max > 0)
        return (scaling_line){0, 1 / hypot(column->mean, column->deviation)};
    return none;
}

/* activation: of the unit whose target it is; 0 for an input. */
static scaling_line fit_line(const bp_scaling *rule, const column_statistics *column, int32_t activation)
{
    switch (rule->kind) {
    case SCALING_MIN_MAX:
        return fit_min_max(column, rule->parameter[0], rule->parameter[1]);
    case SCALING_STANDARD:
        return fit_standard(column);
    case SCALING_FIXED:
        return (scaling_line){rule->parameter[0], rule->parameter[1]};
    default:
        return activation == 0 ? fit_input(column) : fit_target(column, activation);
    }
}

/* What no scaled value may exceed, since it may have to be a probability; infinite if there is no bound. */
static double bound_of(const bp_scaling *rule, int32_t activation)
{
    if (rule->kind == SCALING_MIN_MAX && rule->parameter[0] >= 0)
        return rule->parameter[1];
    return rule->kind == SCALING_AUTOMATIC && activation == ACTIVATION_LOGISTIC ? 1 : INFINITY;
}

bool bpi_fit_column(const bp_scaling *rule, const column_statistics *column, int32_t activation,
                    bp_real *offset, bp_real *factor)
{
    scaling_line line = fit_line(rule, column, activation);
    if (!bpi_fits_real(line.slope) || !bpi_fits_real(line.origin))
        return false;
    *offset = (bp_real)line.origin;
    *factor = (bp_real)line.slope;
    const double bound = bound_of(rule, activation);
    if (isfinite(bound) && column->min < column->max)
        *factor = limit_factor(bound, column, *offset, *factor);
    return *factor != 0 && ends_survive(column, *offset, *factor);
}
