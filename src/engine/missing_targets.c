#include "engine/missing_targets.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "network/activation_kind.h"

size_t bpi_count_targets(const bp_real *targets, size_t count)
{
    size_t present = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(targets[i]))
            present++;
    return present;
}

/* -------------------------------------------------------------------------- checks */

/* The units of a softmax layer share one error, which is known of all of them or of none. */
static bp_status check_softmax(const char *function, const char *name, const bp_layer *layer,
                               const bp_data *data, size_t first_case)
{
    for (size_t row = 0; row < data->cases; row++) {
        const bp_real *targets = data->targets + row * data->target_stride + layer->output_column;
        const size_t present = bpi_count_targets(targets, layer->units);
        if (present > 0 && present < layer->units)
            return bpi_fail(
                BP_ERROR_ARGUMENT,
                "%s: %s.targets: case %zu has %zu of the %zu targets of softmax layer '%s'; it must "
                "have all of them or none",
                function, name, first_case + row, present, layer->units, layer->name);
    }
    return BP_OK;
}

bp_status bpi_check_missing_targets(const char *function, const char *name, bool is_custom,
                                    const bp_network *net, const bp_data *data, size_t first_case)
{
    if (data->missing_targets == 0)
        return BP_OK;
    if (is_custom)
        return bpi_fail(
            BP_ERROR_UNSUPPORTED,
            "%s: %s.missing_targets is 1, but the loss is a function of the caller's, which cannot "
            "skip targets; it must be 0, or the loss one of the library's",
            function, name);
    for (size_t i = 0; i < net->output_count; i++)
        if (net->outputs[i]->activation.kind == ACTIVATION_SOFTMAX)
            BPI_TRY(check_softmax(function, name, net->outputs[i], data, first_case));
    return BP_OK;
}

bool bpi_data_has_target(const void *data, size_t column)
{
    const bp_data *d = data;
    for (size_t row = 0; row < d->cases; row++)
        if (d->missing_targets == 0 || !isnan(d->targets[row * d->target_stride + column]))
            return true;
    return false;
}

static const bp_layer *layer_of_column(const bp_network *net, size_t column)
{
    size_t i = 0;
    while (column >= net->outputs[i]->output_column + net->outputs[i]->units)
        i++;
    return net->outputs[i];
}

bp_status bpi_require_targets(const char *function, const char *name, const bp_network *net,
                              column_has_target has_target, const void *context, bool wants_columns)
{
    size_t empty = 0, first = 0;
    for (size_t i = net->output_width; i-- > 0;) {
        if (has_target(context, i))
            continue;
        empty++;
        first = i;
    }
    if (empty == net->output_width)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: %s.targets: all of them are NaN; at least one case must have a target", function,
                        name);
    if (empty == 0 || !wants_columns || net->original != NULL)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: %s.targets: column %zu, of output layer '%s', is NaN in every case; at least one "
                    "case must have a target there, or the network be without that output",
                    function, name, first, layer_of_column(net, first)->name);
}

/* ------------------------------------------------------------------------ the loss */

/* The units of a row whose targets are there, side by side. */
enum { UNITS_AT_ONCE = 64 };

typedef struct present_units {
    size_t count;
    size_t unit[UNITS_AT_ONCE];
    bp_real x[UNITS_AT_ONCE], y[UNITS_AT_ONCE], targets[UNITS_AT_ONCE], derivative[UNITS_AT_ONCE];
} present_units;

static void gather(const output_loss *row, size_t *next, present_units *units)
{
    units->count = 0;
    for (; *next < row->units && units->count < UNITS_AT_ONCE; ++*next) {
        if (isnan(row->targets[*next]))
            continue;
        units->unit[units->count] = *next;
        units->x[units->count] = row->x == NULL ? 0 : row->x[*next];
        units->y[units->count] = row->y[*next];
        units->targets[units->count] = row->targets[*next];
        units->count++;
    }
}

/* E of the units; NaN if that of one is. */
static double find_loss_of_units(loss_of_rows find, const void *context, const output_loss *row,
                                 present_units *units, double *error)
{
    output_loss part = *row;
    part.units = part.target_stride = units->count;
    part.x = row->x == NULL ? NULL : units->x;
    part.y = units->y;
    part.targets = units->targets;
    part.derivative = row->derivative == NULL ? NULL : units->derivative;
    const double max = find(context, &part, error);
    for (size_t i = 0; row->derivative != NULL && i < units->count; i++)
        row->derivative[units->unit[i]] = units->derivative[i];
    return max;
}

static double find_loss_of_row(loss_of_rows find, const void *context, const output_loss *row, double *error)
{
    if (bpi_count_targets(row->targets, row->units) == row->units)
        return find(context, row, error);
    present_units units;
    double max = 0;
    *error = 0;
    if (row->derivative != NULL)
        memset(row->derivative, 0, row->units * sizeof *row->derivative);
    for (size_t next = 0; next < row->units;) {
        double part;
        gather(row, &next, &units);
        if (units.count == 0)
            continue;
        max = fmax(max, find_loss_of_units(find, context, row, &units, &part));
        *error += part;
    }
    return max;
}

double bpi_find_loss_of_present(loss_of_rows find, const void *context, const output_loss *rows,
                                double *errors)
{
    double max = 0;
    for (size_t i = 0; i < rows->rows; i++) {
        output_loss row = *rows;
        row.rows = 1;
        row.x = rows->x == NULL ? NULL : rows->x + i * rows->units;
        row.y = rows->y + i * rows->units;
        row.targets = rows->targets + i * rows->target_stride;
        row.derivative = rows->derivative == NULL ? NULL : rows->derivative + i * rows->units;
        max = fmax(max, find_loss_of_row(find, context, &row, &errors[i]));
    }
    return max;
}
