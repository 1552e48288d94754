#include "engine/check_data.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/parallel.h"
#include "engine/scale.h"
#include "kernel/select.h"

void bp_data_init(bp_data *data, size_t size)
{
    bpi_init_struct(SIZED_DATA, data, size, &(bp_data){.steps = 1});
}

void bp_data_set_view(bp_data *data, size_t size, size_t cases, const bp_real *inputs, size_t input_width,
                      const bp_real *targets, size_t target_width)
{
    const bp_data view = bp_data_view(cases, inputs, input_width, targets, target_width);
    bpi_init_struct(SIZED_DATA, data, size, &view);
}

/* The public function, the name of its argument, and the number of its first case, for messages. */
typedef struct argument_name {
    const char *function, *name;
    size_t first_case;
} argument_name;

/* What the data must fit. */
typedef struct data_fit {
    const kernel_table *kernel;
    const bp_workspace *workspace;                        /* its threads read the values; NULL: one thread */
    size_t input_width, target_width;                     /* 0: any */
    const column_scaling *input_scaling, *target_scaling; /* NULL: none */
} data_fit;

/* Inputs or targets, and what they must fit. */
typedef struct data_table {
    const char *part; /* "input" or "target" */
    const bp_real *values;
    size_t cases, steps;  /* of the caller */
    size_t width, stride; /* of all steps together */
    bool may_overlap;     /* rows, with a stride smaller than the width */
    bool may_miss;        /* values that are NaN are not there */
    size_t wanted_width;
    const column_scaling *scaling;
    const kernel_table *kernel;
    const bp_workspace *workspace;
} data_table;

/* ------------------------------------------------------------------- shape */

/* Strides made explicit, so that a row is where they say, and the last one can be addressed. Rows of inputs
 * may overlap: they are only read. */
static bp_status check_strides(const argument_name *argument, const data_table *table, size_t *stride,
                               size_t *step_stride)
{
    const char *part = table->part;
    size_t cases = table->cases, width = table->width;
    if (*stride == 0)
        *stride = width;
    if (*step_stride == 0)
        *step_stride = width;
    if ((*stride < width && !table->may_overlap) || *step_stride < width)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s.%s_%s is %zu, less than %s_width, which is %zu",
                        argument->function, argument->name, part,
                        *step_stride < width ? "step_stride" : "stride",
                        *step_stride < width ? *step_stride : *stride, part, width);
    const size_t most = PTRDIFF_MAX / sizeof(bp_real);
    if (width > most || (cases > 1 && (most - width) / *stride < cases - 1))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: %zu cases %zu values apart are too many to be addressed",
                        argument->function, argument->name, cases, *stride);
    return BP_OK;
}

static bp_status fail_width(const argument_name *argument, const data_table *table)
{
    if (table->steps == 1)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s.%s_width is %zu, but the network has %zu", argument->function,
                        argument->name, table->part, table->width, table->wanted_width);
    return bpi_fail(BP_ERROR_SIZE,
                    "%s: %s.steps is %zu and %s_width %zu, together %zu, but the network has %zu",
                    argument->function, argument->name, table->steps, table->part,
                    table->width / table->steps, table->width, table->wanted_width);
}

static bp_status check_width(const argument_name *argument, const data_table *table)
{
    if (table->values == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.%ss is NULL", argument->function, argument->name,
                        table->part);
    if (table->width == 0)
        return bpi_fail(BP_ERROR_SIZE, "%s: %s.%s_width is 0", argument->function, argument->name,
                        table->part);
    if (table->wanted_width != 0 && table->width != table->wanted_width)
        return fail_width(argument, table);
    return BP_OK;
}

/* ------------------------------------------------------------------ values */

/* Does one value fit its column? */
static bool value_fits(const data_table *table, bp_real value, size_t column)
{
    if (table->may_miss && isnan(value))
        return true;
    if (!isfinite(value) || table->scaling == NULL)
        return isfinite(value);
    return isfinite(bpi_scale_value(value, table->scaling->offset[column], table->scaling->factor[column]));
}

static bool each_value_fits(const data_table *table)
{
    for (size_t row = 0; row < table->cases; row++)
        for (size_t column = 0; column < table->width; column++)
            if (!value_fits(table, table->values[row * table->stride + column], column))
                return false;
    return true;
}

bool bpi_dense_scales_to_finite(const bp_network *net, const bp_real *inputs, size_t cases)
{
    const size_t width = net->input_width;
    if (cases == 1)
        return bpi_scale_row(net->kernel, &net->input_scaling, 0, width, inputs, NULL);
    return bpi_scales_to_finite(
        net->kernel, &net->input_scaling, 0,
        &(scaled_rows){.rows = cases, .columns = width, .from = inputs, .from_stride = width});
}

static bool values_fit(const data_table *table)
{
    if (table->may_miss)
        return each_value_fits(table);
    if (table->scaling == NULL && table->stride <= table->width) /* without gaps; each value once */
        return table->kernel->all_finite(table->values, (table->cases - 1) * table->stride + table->width);
    if (table->scaling != NULL)
        return bpi_scales_to_finite(table->kernel, table->scaling, 0,
                                    &(scaled_rows){.rows = table->cases,
                                                   .columns = table->width,
                                                   .from = table->values,
                                                   .from_stride = table->stride});
    for (size_t row = 0; row < table->cases; row++)
        if (!table->kernel->all_finite(table->values + row * table->stride, table->width))
            return false;
    return true;
}

/* The remedy for a target that is NaN. */
static const char *remedy_for(const data_table *table, bp_real value)
{
    return isnan(value) && strcmp(table->part, "target") == 0
               ? "; if it is not there, missing_targets = 1 skips it"
               : "";
}

/* NOT_FINITE with the place of the first value that does not fit. Trusts that there is one, in case `row` or
 * later. */
static bp_status report_value(const argument_name *argument, const data_table *table, size_t row)
{
    size_t column = 0;
    while (value_fits(table, table->values[row * table->stride + column], column)) {
        column = (column + 1) % table->width;
        row += column == 0;
    }
    bp_real value = table->values[row * table->stride + column];
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s.%ss: case %zu, column %zu is %s%s", argument->function,
                    argument->name, table->part, argument->first_case + row, column,
                    bpi_format_real((double)value).text,
                    isfinite(value) ? ", which scaling makes infinite" : remedy_for(table, value));
}

typedef struct value_check {
    const argument_name *argument;
    const data_table *table;
} value_check;

static bp_status check_range(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    const value_check *check = context;
    data_table part = *check->table;
    part.values += first * part.stride;
    part.cases = count;
    return values_fit(&part) ? BP_OK : report_value(check->argument, check->table, first);
}

/* The first value that does not fit is named, whatever the number of threads. */
static bp_status check_values(const argument_name *argument, const data_table *table)
{
    value_check check = {argument, table};
    if (table->workspace == NULL)
        return check_range(&check, 0, table->cases, 0);
    return bpi_parallel_for(table->workspace, &(parallel_work){.count = table->cases,
                                                               .grain = 1,
                                                               .cost = BPI_SCAN_COST * (double)table->cases *
                                                                       (double)table->width,
                                                               .work = check_range,
                                                               .context = &check});
}

static bp_status check_table(const argument_name *argument, data_table *table, size_t *stride,
                             size_t *step_stride)
{
    BPI_TRY(check_width(argument, table));
    BPI_TRY(check_strides(argument, table, stride, step_stride));
    table->stride = *stride;
    return check_values(argument, table);
}

static bp_status check_case_weights(const argument_name *argument, const bp_data *data)
{
    for (size_t i = 0; i < data->cases; i++) {
        if (!isfinite(data->case_weights[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s.case_weights: case %zu has the weight %s",
                            argument->function, argument->name, argument->first_case + i,
                            bpi_format_real((double)data->case_weights[i]).text);
        if (data->case_weights[i] < 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.case_weights: case %zu has the weight %s, below 0",
                            argument->function, argument->name, argument->first_case + i,
                            bpi_format_real((double)data->case_weights[i]).text);
    }
    return BP_OK;
}

/* ------------------------------------------------------------------- whole */

static bp_status read_head(const argument_name *argument, const bp_data *given, bp_data *data)
{
    if (given == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is NULL", argument->function, argument->name);
    if (given->size == sizeof *data)
        *data = *given; /* inline, since a gradient of a small network takes little longer */
    else
        BPI_TRY(bpi_read_struct(argument->function, SIZED_DATA, given, data));
    if (data->cases == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.cases is 0", argument->function, argument->name);
    if (data->steps == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.steps is 0", argument->function, argument->name);
    return BP_OK;
}

/* Makes one row of the steps of a case, which must be side by side. */
static bp_status join_steps(const argument_name *argument, const char *part, size_t steps, size_t *width,
                            size_t *step_stride)
{
    if (*step_stride != 0 && *step_stride != *width)
        return bpi_fail(
            BP_ERROR_SIZE,
            "%s: %s.steps is %zu and %s_step_stride %zu; steps must stand side by side, %zu apart",
            argument->function, argument->name, steps, part, *step_stride, *width);
    if (!bpi_multiply(*width, steps, width))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s.steps is %zu, too many to be addressed",
                        argument->function, argument->name, steps);
    *step_stride = 0;
    return BP_OK;
}

static bp_status check_inputs(const argument_name *argument, const data_fit *fit, bp_data *data)
{
    if (data->steps > 1)
        BPI_TRY(join_steps(argument, "input", data->steps, &data->input_width, &data->input_step_stride));
    data_table table = {.part = "input",
                        .values = data->inputs,
                        .cases = data->cases,
                        .steps = data->steps,
                        .width = data->input_width,
                        .may_overlap = true,
                        .wanted_width = fit->input_width,
                        .scaling = fit->input_scaling,
                        .kernel = fit->kernel,
                        .workspace = fit->workspace};
    return check_table(argument, &table, &data->input_stride, &data->input_step_stride);
}

static bp_status check_missing(const argument_name *argument, const bp_data *data, int need)
{
    if (data->missing_targets > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s.missing_targets is %zu, it must be 0 or 1",
                        argument->function, argument->name, data->missing_targets);
    if (data->missing_targets == 1 && !(need & DATA_MAY_MISS))
        return bpi_fail(
            BP_ERROR_UNSUPPORTED,
            "%s: %s.missing_targets is 1, but this call cannot skip missing targets; give it only the cases "
            "that have all of theirs, with missing_targets = 0",
            argument->function, argument->name);
    return BP_OK;
}

static bp_status check_targets(const argument_name *argument, const data_fit *fit, int need, bp_data *data)
{
    BPI_TRY(check_missing(argument, data, need));
    if (data->steps > 1)
        BPI_TRY(join_steps(argument, "target", data->steps, &data->target_width, &data->target_step_stride));
    data_table table = {.part = "target",
                        .values = data->targets,
                        .cases = data->cases,
                        .steps = data->steps,
                        .width = data->target_width,
                        .may_miss = data->missing_targets == 1,
                        .wanted_width = fit->target_width,
                        .scaling = fit->target_scaling,
                        .kernel = fit->kernel,
                        .workspace = fit->workspace};
    BPI_TRY(check_table(argument, &table, &data->target_stride, &data->target_step_stride));
    return data->case_weights == NULL ? BP_OK : check_case_weights(argument, data);
}

static bp_status check_fit(const argument_name *argument, const data_fit *fit, const bp_data *data, int need,
                           bp_data *checked)
{
    bp_data result;
    BPI_TRY(read_head(argument, data, &result));
    if (need & DATA_INPUTS)
        BPI_TRY(check_inputs(argument, fit, &result));
    else
        result.inputs = NULL;
    if (need & DATA_TARGETS) {
        BPI_TRY(check_targets(argument, fit, need, &result));
    } else {
        result.targets = NULL;
        result.case_weights = NULL;
        result.missing_targets = 0;
    }
    result.steps = 1;
    *checked = result;
    return BP_OK;
}

static bp_status check_for(const argument_name *argument, const bp_network *net,
                           const bp_workspace *workspace, const bp_data *data, int need, bp_data *checked)
{
    data_fit fit = {.kernel = net->kernel,
                    .workspace = workspace,
                    .input_width = net->input_width,
                    .target_width = net->output_width};
    if (!(need & DATA_UNSCALED) && bpi_scaling_is_set(&net->input_scaling))
        fit.input_scaling = &net->input_scaling;
    if (!(need & DATA_UNSCALED) && bpi_scaling_is_set(&net->target_scaling))
        fit.target_scaling = &net->target_scaling;
    return check_fit(argument, &fit, data, need, checked);
}

bp_status bpi_check_data(const char *function, const char *name, const bp_network *net, const bp_data *data,
                         int need, bp_data *checked)
{
    return check_for(&(argument_name){function, name, 0}, net, NULL, data, need, checked);
}

bp_status bpi_check_data_with(const char *function, const char *name, const bp_workspace *workspace,
                              const bp_data *data, int need, bp_data *checked)
{
    return check_for(&(argument_name){function, name, 0}, workspace->network, workspace, data, need, checked);
}

bp_status bpi_check_data_from(const char *function, const char *name, const bp_workspace *workspace,
                              const bp_data *data, int need, size_t first_case, bp_data *checked)
{
    return check_for(&(argument_name){function, name, first_case}, workspace->network, workspace, data, need,
                     checked);
}

bp_status bpi_check_data_alone(const char *function, const char *name, const bp_data *data, int need,
                               bp_data *checked)
{
    return bpi_check_data_alone_from(function, name, data, need, 0, checked);
}

bp_status bpi_check_data_alone_from(const char *function, const char *name, const bp_data *data, int need,
                                    size_t first_case, bp_data *checked)
{
    size_t count;
    data_fit fit = {.kernel = bpi_kernel_tables(&count)[0]};
    return check_fit(&(argument_name){function, name, first_case}, &fit, data, need, checked);
}
