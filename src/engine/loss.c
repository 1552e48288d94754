#include "engine/loss.h"

#include <tgmath.h>

#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/plan.h"
#include "engine/scale.h"
#include "network/activation_kind.h"

/* Indices of a loss's parameters. */
enum { TOLERANCE = 0 };

enum { ROWS_AT_ONCE = 32 };

bp_loss bp_loss_default(void)
{
    return (bp_loss){.kind = LOSS_DEFAULT};
}

bp_loss bp_loss_squared_error(void)
{
    return (bp_loss){.kind = LOSS_SQUARED_ERROR};
}

bp_loss bp_loss_cross_entropy(void)
{
    return (bp_loss){.kind = LOSS_CROSS_ENTROPY};
}

bp_loss bp_loss_with_tolerance(bp_loss loss, double tolerance)
{
    loss.parameter[TOLERANCE] = tolerance;
    return loss;
}

bp_loss bp_loss_custom(bp_loss_function function, void *context)
{
    return (bp_loss){.kind = LOSS_CUSTOM, .function = function, .context = context};
}

static bp_status check_tolerance(const char *function, const bp_loss *loss)
{
    double tolerance = loss->parameter[TOLERANCE];
    if (!(tolerance >= 0) || !bpi_fits_real(tolerance))
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: the tolerance of the loss is %s; it must be at least 0 and fit into bp_real",
                        function, bpi_format_real(tolerance).text);
    if (tolerance != 0 && loss->kind == LOSS_CUSTOM)
        return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: a custom loss has a tolerance of %s; it cannot have one",
                        function, bpi_format_real(tolerance).text);
    return BP_OK;
}

static bp_status check_alone(const char *function, const bp_loss *loss)
{
    bool is_known = loss->kind >= LOSS_SQUARED_ERROR && loss->kind <= LOSS_DEFAULT;
    BPI_TRY(BPI_CHECK_VALUE(function, "loss", "bp_loss_*", loss, is_known));
    if (loss->kind == LOSS_CUSTOM && loss->function == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the function of a custom loss is NULL", function);
    return check_tolerance(function, loss);
}

static int32_t default_kind(const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (net->outputs[i]->activation.kind != ACTIVATION_SOFTMAX)
            return LOSS_SQUARED_ERROR;
    return LOSS_CROSS_ENTROPY;
}

bp_status bpi_loss_check(const char *function, bp_loss *loss, const bp_network *net)
{
    BPI_TRY(check_alone(function, loss));
    if (loss->kind == LOSS_DEFAULT)
        loss->kind = default_kind(net);
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        if (loss->kind == LOSS_CROSS_ENTROPY && !bpi_loss_gives_delta(loss, &layer->activation))
            return bpi_fail(BP_ERROR_UNSUPPORTED,
                            "%s: cross-entropy needs logistic or softmax outputs; layer '%s' is %s", function,
                            layer->name, bp_activation_name(&layer->activation));
    }
    return BP_OK;
}

/* The output of a softmax layer of one unit is always 1, so that its dE/dx is 0. */
static bool is_always_1(const bp_layer *layer)
{
    return layer->activation.kind == ACTIVATION_SOFTMAX && layer->units == 1;
}

bp_status bpi_loss_check_teaches(const char *function, const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (!is_always_1(net->outputs[i]))
            return BP_OK;
    return bpi_fail(
        BP_ERROR_UNSUPPORTED,
        "%s: output layer '%s' is softmax of a single unit, whose output is always 1, so there is "
        "nothing to learn; a logistic unit tells two classes apart",
        function, net->outputs[0]->name);
}

bool bpi_loss_is_default(const bp_loss *loss)
{
    return loss->kind == LOSS_DEFAULT;
}

bool bpi_loss_is_squared_error(const bp_loss *loss)
{
    return loss->kind == LOSS_SQUARED_ERROR;
}

bool bpi_loss_is_cross_entropy(const bp_loss *loss)
{
    return loss->kind == LOSS_CROSS_ENTROPY;
}

bool bpi_loss_is_custom(const bp_loss *loss)
{
    return loss->kind == LOSS_CUSTOM;
}

bool bpi_loss_has_units(const bp_loss *loss)
{
    return loss->kind == LOSS_CUSTOM || loss->parameter[TOLERANCE] > 0;
}

bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation)
{
    return loss->kind == LOSS_CROSS_ENTROPY &&
           (activation->kind == ACTIVATION_LOGISTIC || activation->kind == ACTIVATION_SOFTMAX);
}

bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation)
{
    return bpi_loss_gives_delta(loss, activation);
}

unsigned bpi_loss_facts(const bp_loss *loss)
{
    return loss->kind == LOSS_SQUARED_ERROR   ? FACT_SQUARED_ERROR
           : loss->kind == LOSS_CROSS_ENTROPY ? FACT_CROSS_ENTROPY
                                              : 0;
}

/* ------------------------------------------------------------------ a block */

bp_real bpi_loss_tolerance(const bp_loss *loss)
{
    double tolerance = loss->parameter[TOLERANCE];
    return tolerance > 0 ? (bp_real)tolerance : -1;
}

static int32_t kind_for_kernel(const bp_loss *loss, const bp_activation *activation)
{
    if (loss->kind == LOSS_SQUARED_ERROR)
        return KERNEL_SQUARED_ERROR;
    return activation->kind == ACTIVATION_SOFTMAX ? KERNEL_SOFTMAX_CROSS_ENTROPY
                                                  : KERNEL_LOGISTIC_CROSS_ENTROPY;
}

/* A custom loss, row by row; results as of kernel_table.find_loss. */
static double find_custom(const bp_loss *loss, const output_loss *rows, double *errors)
{
    bp_real max = 0;
    for (size_t row = 0; row < rows->rows; row++) {
        const bp_real *y = rows->y + row * rows->units, *target = rows->targets + row * rows->target_stride;
        bp_real *derivative = rows->derivative == NULL ? NULL : rows->derivative + row * rows->units;
        errors[row] = loss->function(loss->context, y, target, derivative, rows->units);
        for (size_t j = 0; j < rows->units; j++) {
            bp_real distance = fabs(y[j] - target[j]);
            max = distance > max ? distance : max;
        }
    }
    return (double)max;
}

/* Up to ROWS_AT_ONCE rows of a block, from `first` on. */
static output_loss part_of(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                           size_t first, bp_real *derivative)
{
    const size_t start = first * block->units, left = block->rows - first;
    return (output_loss){
        .kind = kind_for_kernel(loss, activation),
        .rows = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE,
        .units = block->units,
        .x = block->x == NULL ? NULL : block->x + start,
        .y = block->y + start,
        .targets = block->targets + first * block->target_stride,
        .target_stride = block->target_stride,
        .tolerance = bpi_loss_tolerance(loss),
        .derivative = derivative == NULL ? NULL : derivative + start,
    };
}

static void multiply(bp_real *values, size_t count, bp_real factor)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
}

/* Multiplies E and derivatives of each case by its weight. */
static void apply_case_weights(const output_loss *rows, const bp_real *weights, double *errors)
{
    for (size_t row = 0; row < rows->rows; row++) {
        errors[row] *= (double)weights[row];
        if (rows->derivative != NULL)
            multiply(rows->derivative + row * rows->units, rows->units, weights[row]);
    }
}

/* A deviation that is NaN stays NaN. */
static void update_deviation(const double *errors, size_t rows, double max, double *deviation)
{
    if (max > *deviation)
        *deviation = max;
    for (size_t row = 0; row < rows; row++)
        if (isnan(errors[row]))
            *deviation = errors[row];
}

void bpi_loss_block(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                    bp_real *derivative, double *error, double *deviation)
{
    double errors[ROWS_AT_ONCE];
    for (size_t first = 0; first < block->rows; first += ROWS_AT_ONCE) {
        const output_loss rows = part_of(loss, activation, block, first, derivative);
        const double max = loss->kind == LOSS_CUSTOM ? find_custom(loss, &rows, errors)
                                                     : block->kernel->find_loss(&rows, errors);
        update_deviation(errors, rows.rows, max, deviation);
        if (block->case_weights != NULL)
            apply_case_weights(&rows, block->case_weights + first, errors);
        for (size_t row = 0; row < rows.rows; row++)
            *error += errors[row];
    }
}

/* ------------------------------------------------------ change of the derivative */

/* Is the output further from its target than the tolerance, so that it counts? */
static bool is_in_error(bp_real y, bp_real target, bp_real tolerance)
{
    return !(fabs(y - target) <= tolerance);
}

/* What the change of a softmax layer's y is multiplied by: the sum of its targets that count. */
static bp_real target_sum(const bp_real *y, const bp_real *targets, size_t units, bp_real tolerance)
{
    double sum = 0;
    for (size_t j = 0; j < units; j++)
        sum += is_in_error(y[j], targets[j], tolerance) ? (double)targets[j] : 0;
    return (bp_real)sum;
}

void bpi_loss_change(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                     const bp_real *y_change, bp_real *change)
{
    const bp_real tolerance = bpi_loss_tolerance(loss);
    const bool is_softmax = kind_for_kernel(loss, activation) == KERNEL_SOFTMAX_CROSS_ENTROPY;
    for (size_t row = 0; row < block->rows; row++) {
        const bp_real *y = block->y + row * block->units;
        const bp_real *targets = block->targets + row * block->target_stride;
        const bp_real weight = block->case_weights == NULL ? 1 : block->case_weights[row];
        const bp_real factor = is_softmax ? weight * target_sum(y, targets, block->units, tolerance) : weight;
        for (size_t j = 0; j < block->units; j++) {
            const size_t i = row * block->units + j;
            const bool counts = is_softmax || is_in_error(y[j], targets[j], tolerance);
            change[i] = counts ? factor * y_change[i] : 0;
        }
    }
}

/* ------------------------------------------------------------------ targets */

static bp_status check_target(const char *function, const char *name, const bp_network *net,
                              const bp_data *data, size_t first_case, size_t row, size_t column)
{
    const bp_real *raw = data->targets + row * data->target_stride + column;
    bp_real target = *raw;
    bpi_scale(&net->target_scaling,
              &(scaled_rows){.rows = 1, .columns = 1, .first = column, .from = raw, .to = &target});
    if (target >= 0 && target <= 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: %s.targets: case %zu, column %zu is %s after scaling; cross-entropy needs 0 to 1",
                    function, name, first_case + row, column, bpi_format_real((double)target).text);
}

bp_status bpi_loss_check_targets_from(const char *function, const char *name, const bp_loss *loss,
                                      const bp_network *net, const bp_data *data, size_t first_case)
{
    if (loss->kind != LOSS_CROSS_ENTROPY)
        return BP_OK;
    for (size_t row = 0; row < data->cases; row++)
        for (size_t column = 0; column < net->output_width; column++)
            BPI_TRY(check_target(function, name, net, data, first_case, row, column));
    return BP_OK;
}

bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data)
{
    return bpi_loss_check_targets_from(function, name, loss, net, data, 0);
}
