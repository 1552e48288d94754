/* bp_regression_metrics: figures of outputs that are numbers. */
#include <math.h>

#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "base/sum.h"
#include "check/metric_rows.h"
#include "engine/missing_targets.h"

/* A row is gone through so many columns at a time: what is summed of them fits on the stack. */
enum { COLUMNS_AT_ONCE = 64 };

/*
 * What is summed of a column. Errors y - d and targets d are multiplied by powers of 2, so that the largest
 * is 0.5 to 1: squares then neither overflow nor vanish.
 */
typedef struct column_sums {
    size_t count;     /* rows that have a target */
    double weight;    /* of these rows, as metric_rows.weight; 0: there are no figures */
    double low, high; /* of the targets */
    double max_abs_error;
    size_t worst_row;
    int error_exponent, target_exponent;
    double error_factor, target_factor;
    double mean_target; /* with the factor */
    long_sum weights, errors, abs_errors, squared_errors, targets, squared_deviations;
} column_sums;

typedef struct column_panel {
    const metric_rows *rows;
    size_t first, count;
    column_sums sums[COLUMNS_AT_ONCE];
} column_panel;

void bp_regression_result_init(bp_regression_result *results, size_t size, size_t count)
{
    bpi_init_structs(SIZED_REGRESSION_RESULT, results, size, count);
}

/* Of the columns of a panel. */
static void find_weights(column_panel *panel)
{
    const metric_rows *rows = panel->rows;
    for (size_t i = 0; i < panel->count; i++) {
        panel->sums[i].count = rows->count;
        panel->sums[i].weight = rows->weight;
    }
    for (size_t i = 0; rows->data.missing_targets && i < panel->count; i++) {
        column_sums *sums = &panel->sums[i];
        sums->count = 0;
        for (size_t row = 0; row < rows->count; row++) {
            if (isnan((double)target_of(rows, row)[panel->first + i]))
                continue;
            sums->count++;
            bpi_sum_add(&sums->weights, weight_of(rows, row));
        }
        sums->weight = bpi_sum_value(&sums->weights);
    }
}

static void find_ranges(column_panel *panel)
{
    for (size_t i = 0; i < panel->count; i++)
        panel->sums[i] = (column_sums){.low = INFINITY, .high = -INFINITY, .max_abs_error = -1};
    for (size_t row = 0; row < panel->rows->count; row++) {
        const bp_real *y = output_of(panel->rows, row) + panel->first;
        const bp_real *d = target_of(panel->rows, row) + panel->first;
        if (weight_of(panel->rows, row) == 0)
            continue;
        for (size_t i = 0; i < panel->count; i++) {
            column_sums *sums = &panel->sums[i];
            const double target = (double)d[i], error = fabs((double)y[i] - target);
            if (isnan(target))
                continue;
            sums->low = target < sums->low ? target : sums->low;
            sums->high = target > sums->high ? target : sums->high;
            if (error > sums->max_abs_error) {
                sums->max_abs_error = error;
                sums->worst_row = row;
            }
        }
    }
}

/* The exponent of 2 above value, and the factor that takes it away, as far as a double can. */
static double factor_for(double value, int *exponent)
{
    enum { MOST = 1000 };
    frexp(value, exponent);
    if (*exponent > MOST)
        *exponent = MOST;
    if (*exponent < -MOST)
        *exponent = -MOST;
    return ldexp(1, -*exponent);
}

static bp_status choose_factors(const char *function, column_panel *panel)
{
    for (size_t i = 0; i < panel->count; i++) {
        column_sums *sums = &panel->sums[i];
        if (!isfinite(sums->max_abs_error))
            return bpi_fail(BP_ERROR_NOT_FINITE,
                            "%s: case %zu, column %zu: the output minus the target is infinite", function,
                            sums->worst_row / panel->rows->steps, panel->first + i);
        if (sums->weight == 0)
            continue;
        sums->error_factor = factor_for(sums->max_abs_error, &sums->error_exponent);
        sums->target_factor = factor_for(fmax(fabs(sums->low), fabs(sums->high)), &sums->target_exponent);
    }
    return BP_OK;
}

static void add_rows(column_panel *panel)
{
    for (size_t row = 0; row < panel->rows->count; row++) {
        const bp_real *y = output_of(panel->rows, row) + panel->first;
        const bp_real *d = target_of(panel->rows, row) + panel->first;
        const double weight = weight_of(panel->rows, row);
        for (size_t i = 0; i < panel->count && weight > 0; i++) {
            column_sums *sums = &panel->sums[i];
            if (isnan((double)d[i]))
                continue;
            double error = ((double)y[i] - (double)d[i]) * sums->error_factor;
            bpi_sum_add(&sums->errors, weight * error);
            bpi_sum_add(&sums->abs_errors, weight * fabs(error));
            bpi_sum_add(&sums->squared_errors, weight * (error * error));
            bpi_sum_add(&sums->targets, weight * ((double)d[i] * sums->target_factor));
        }
    }
}

/* From the mean, found before: their squares would cancel otherwise. */
static void add_deviations(column_panel *panel)
{
    for (size_t i = 0; i < panel->count; i++)
        if (panel->sums[i].weight > 0) /* else the column has no target */
            panel->sums[i].mean_target = bpi_sum_value(&panel->sums[i].targets) / panel->sums[i].weight;
    for (size_t row = 0; row < panel->rows->count; row++) {
        const bp_real *d = target_of(panel->rows, row) + panel->first;
        const double weight = weight_of(panel->rows, row);
        for (size_t i = 0; i < panel->count && weight > 0; i++) {
            column_sums *sums = &panel->sums[i];
            if (isnan((double)d[i]))
                continue;
            double deviation = (double)d[i] * sums->target_factor - sums->mean_target;
            bpi_sum_add(&sums->squared_deviations, weight * (deviation * deviation));
        }
    }
}

static double r2_of(const column_sums *sums)
{
    const size_t n = sums->count;
    if (n == 1)
        return NAN;
    if (sums->low == sums->high)
        return sums->max_abs_error == 0 ? 1 : 0;
    double ratio = bpi_sum_value(&sums->squared_errors) / bpi_sum_value(&sums->squared_deviations);
    return 1 - ldexp(ratio, 2 * (sums->error_exponent - sums->target_exponent));
}

static bp_regression_result result_of(const column_sums *sums, const metric_rows *rows)
{
    const int exponent = sums->error_exponent;
    const double weight = sums->weight;
    if (weight == 0)
        return (bp_regression_result){.size = sizeof(bp_regression_result),
                                      .cases = sums->count,
                                      .rmse = NAN,
                                      .mae = NAN,
                                      .r2 = NAN,
                                      .mean_error = NAN,
                                      .max_abs_error = NAN};
    return (bp_regression_result){
        .size = sizeof(bp_regression_result),
        .cases = sums->count,
        .weight = weight / rows->weight_factor,
        .rmse = ldexp(sqrt(bpi_sum_value(&sums->squared_errors) / weight), exponent),
        .mae = ldexp(bpi_sum_value(&sums->abs_errors) / weight, exponent),
        .r2 = r2_of(sums),
        .mean_error = ldexp(bpi_sum_value(&sums->errors) / weight, exponent),
        .max_abs_error = sums->max_abs_error,
        .worst_case = sums->worst_row / rows->steps,
    };
}

/* Adds a column to the figures over all, which are means but for the largest error. */
static void add_column(bp_regression_result *all, const bp_regression_result *column, size_t columns)
{
    const double share = (double)columns;
    bp_regression_result sum = *all;
    if (column->max_abs_error > all->max_abs_error || all->cases == 0)
        sum = *column;
    sum.rmse = all->rmse + column->rmse / share;
    sum.mae = all->mae + column->mae / share;
    sum.r2 = all->r2 + column->r2 / share;
    sum.mean_error = all->mean_error + column->mean_error / share;
    *all = sum;
}

static bp_status begin_panel(const char *function, column_panel *panel, size_t first)
{
    panel->first = first;
    panel->count = bpi_min(COLUMNS_AT_ONCE, panel->rows->width - first);
    find_ranges(panel);
    find_weights(panel);
    return choose_factors(function, panel);
}

/* Before anything is written; the first panel is checked when it begins. */
static bp_status check_panels(const char *function, const metric_rows *rows)
{
    column_panel panel = {.rows = rows};
    for (size_t first = COLUMNS_AT_ONCE; first < rows->width; first += COLUMNS_AT_ONCE)
        BPI_TRY(begin_panel(function, &panel, first));
    return BP_OK;
}

/* `measured`: the columns that have figures. */
static void write_panel(const column_panel *panel, size_t measured, bp_regression_result *columns,
                        bp_regression_result *all)
{
    for (size_t i = 0; i < panel->count; i++) {
        const bp_regression_result found = result_of(&panel->sums[i], panel->rows);
        if (columns != NULL)
            bpi_write_element(SIZED_REGRESSION_RESULT, columns, panel->first + i, &found);
        if (panel->sums[i].weight > 0)
            add_column(all, &found, measured);
    }
}

static bool is_measured(const metric_rows *rows, size_t column)
{
    for (size_t row = 0; row < rows->count; row++)
        if (!isnan((double)target_of(rows, row)[column]) && weight_of(rows, row) > 0)
            return true;
    return false;
}

static size_t count_measured(const metric_rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->width; i++)
        if (rows->data.missing_targets == 0 || is_measured(rows, i))
            count++;
    return count;
}

/* Of targets that may be missing: the rows that have one, in any column. */
static void count_rows(const metric_rows *rows, bp_regression_result *all)
{
    long_sum weight = {0};
    all->cases = 0;
    for (size_t row = 0; row < rows->count; row++) {
        if (bpi_count_targets(target_of(rows, row), rows->width) == 0)
            continue;
        all->cases++;
        bpi_sum_add(&weight, weight_of(rows, row));
    }
    all->weight = bpi_sum_value(&weight) / rows->weight_factor;
}

static bp_status measure(const char *function, const metric_rows *rows, bp_regression_result *columns,
                         bp_regression_result *all)
{
    column_panel panel = {.rows = rows};
    const size_t measured = count_measured(rows);
    BPI_TRY(check_panels(function, rows));
    if (measured == 0)
        all->rmse = all->mae = all->r2 = all->mean_error = all->max_abs_error = NAN;
    for (size_t first = 0; first < rows->width; first += COLUMNS_AT_ONCE) {
        BPI_TRY(begin_panel(function, &panel, first));
        add_rows(&panel);
        add_deviations(&panel);
        write_panel(&panel, measured, columns, all);
    }
    if (rows->data.missing_targets)
        count_rows(rows, all);
    return BP_OK;
}

bp_status bp_regression_metrics(const bp_real *outputs, const bp_data *data, bp_regression_result *columns,
                                bp_regression_result *all)
{
    metric_rows rows;
    bp_regression_result found = {.size = sizeof found};
    BPI_REQUIRE(outputs);
    BPI_REQUIRE(data);
    BPI_TRY(bpi_metric_rows(__func__, outputs, data, true, &rows));
    if (columns != NULL)
        BPI_TRY(bpi_check_result_structs(__func__, SIZED_REGRESSION_RESULT, "columns", columns, rows.width));
    if (all != NULL)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_REGRESSION_RESULT, all));
    BPI_TRY(measure(__func__, &rows, columns, &found));
    if (all != NULL)
        bpi_write_struct(SIZED_REGRESSION_RESULT, all, &found);
    return BP_OK;
}
