#include "engine/loss.h"

#include <tgmath.h>

#include "base/real.h"
#include "base/status.h"
#include "engine/missing_targets.h"
#include "engine/plan.h"
#include "network/activation_kind.h"

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
    loss.parameter[LOSS_TOLERANCE] = tolerance;
    return loss;
}

bp_loss bp_loss_custom(bp_loss_function function, void *context)
{
    return (bp_loss){.kind = LOSS_CUSTOM, .function = function, .context = context};
}

bp_loss bp_loss_with_label_smoothing(bp_loss loss, double epsilon)
{
    loss.label_smoothing = epsilon;
    return loss;
}

bp_loss bp_loss_of_outputs(const bp_loss *losses, const double *weights, size_t count)
{
    return (bp_loss){.kind = LOSS_OF_OUTPUTS,
                     .parameter = {[LOSS_COUNT] = (double)count},
                     .context = (void *)(uintptr_t)losses,
                     .of_outputs.weights = weights};
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

/* -------------------------------------------------------------------- kinds */

loss_list bpi_losses_of(const bp_loss *loss)
{
    if (loss->kind == LOSS_OF_OUTPUTS)
        return (loss_list){loss->context, loss->context == NULL ? 0 : (size_t)loss->parameter[LOSS_COUNT]};
    return (loss_list){loss, 1};
}

const char *bpi_loss_name(const bp_loss *loss)
{
    return bpi_loss_kind(loss->kind)->name;
}

bool bpi_loss_is_of_outputs(const bp_loss *loss)
{
    return loss->kind == LOSS_OF_OUTPUTS;
}

bool bpi_loss_is_custom(const bp_loss *loss)
{
    const loss_list all = bpi_losses_of(loss);
    bool is_custom = false;
    for (size_t i = 0; i < all.count; i++)
        is_custom |= all.losses[i].kind == LOSS_CUSTOM;
    return is_custom;
}

bool bpi_loss_has_tolerance(const bp_loss *loss)
{
    const loss_list all = bpi_losses_of(loss);
    bool any = false;
    for (size_t i = 0; i < all.count; i++)
        any |= all.losses[i].parameter[LOSS_TOLERANCE] > 0;
    return any;
}

static bool has_units(const bp_loss *loss)
{
    return loss->parameter[LOSS_TOLERANCE] > 0 || (bpi_loss_kind(loss->kind)->traits & LOSS_HAS_UNITS) != 0;
}

bool bpi_loss_has_units(const bp_loss *loss)
{
    const loss_list all = bpi_losses_of(loss);
    bool any = false;
    for (size_t i = 0; i < all.count; i++)
        any |= has_units(&all.losses[i]);
    return any;
}

bool bpi_loss_fits_mean(const bp_loss *loss, const bp_activation *activation)
{
    const int32_t kind = bpi_loss_kind_for(loss, activation);
    return (bpi_loss_kind(kind)->traits & LOSS_FITS_MEAN) != 0 && loss->label_smoothing == 0;
}

bool bpi_loss_fits_means(const bp_loss *loss, const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_loss *own = bpi_loss_of(loss, net->outputs[i]);
        if (!bpi_loss_fits_mean(own, &net->outputs[i]->activation) || own->parameter[LOSS_TOLERANCE] > 0)
            return false;
    }
    return true;
}

bool bpi_loss_is_hinge(const bp_loss *loss)
{
    return loss->kind == LOSS_HINGE;
}

int32_t bpi_loss_kind_for(const bp_loss *loss, const bp_activation *activation)
{
    if (loss->kind != LOSS_DEFAULT)
        return loss->kind;
    return activation->kind == ACTIVATION_SOFTMAX ? LOSS_CROSS_ENTROPY : LOSS_SQUARED_ERROR;
}

bool bpi_loss_is_of_classes(const bp_loss *loss, const bp_activation *activation)
{
    return (bpi_loss_kind(bpi_loss_kind_for(loss, activation))->traits & LOSS_OF_CLASSES) != 0;
}

bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation)
{
    return bpi_loss_kind_for(loss, activation) == LOSS_CROSS_ENTROPY &&
           (activation->kind == ACTIVATION_LOGISTIC || activation->kind == ACTIVATION_SOFTMAX);
}

bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation)
{
    return bpi_loss_gives_delta(loss, activation);
}

bool bpi_loss_takes_target(const bp_loss *loss, const bp_activation *activation, bp_real target)
{
    const loss_kind *kind = bpi_loss_kind(bpi_loss_kind_for(loss, activation));
    return kind->takes == NULL || kind->takes(target);
}

unsigned bpi_loss_facts(const bp_loss *loss)
{
    const loss_list all = bpi_losses_of(loss);
    unsigned facts = FACT_KNOWN_LOSS | FACT_NO_CROSS_ENTROPY | FACT_ONLY_CROSS_ENTROPY;
    for (size_t i = 0; i < all.count; i++) {
        if (all.losses[i].kind == LOSS_CUSTOM)
            return 0;
        facts &= ~(unsigned)(all.losses[i].kind == LOSS_CROSS_ENTROPY ? FACT_NO_CROSS_ENTROPY
                                                                      : FACT_ONLY_CROSS_ENTROPY);
    }
    return facts;
}

/* ------------------------------------------------------------------ a block */

bp_real bpi_loss_tolerance(const bp_loss *loss)
{
    double tolerance = loss->parameter[LOSS_TOLERANCE];
    return tolerance > 0 ? (bp_real)tolerance : -1;
}

static int32_t kind_for_kernel(const bp_loss *loss, const bp_activation *activation)
{
    return bpi_kernel_loss(bpi_loss_kind_for(loss, activation) != LOSS_SQUARED_ERROR, activation->kind);
}

output_loss bpi_loss_terms(const bp_loss *loss, const bp_activation *activation, size_t units)
{
    const int32_t kind = kind_for_kernel(loss, activation);
    return (output_loss){.kind = kind,
                         .tolerance = bpi_loss_tolerance(loss),
                         .smoothing = (bp_real)loss->label_smoothing,
                         .share = 1 / (kind == KERNEL_SOFTMAX_CROSS_ENTROPY ? (bp_real)units : 2)};
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

/* A loss that is a sum of terms of the outputs, likewise. */
static double find_terms(const bp_loss *loss, const loss_kind *kind, const output_loss *rows, double *errors)
{
    loss_row row = {
        .units = rows->units, .tolerance = rows->tolerance, .parameter = loss->parameter[LOSS_PARAMETER]};
    for (size_t i = 0; i < rows->rows; i++) {
        row.y = rows->y + i * rows->units;
        row.targets = rows->targets + i * rows->target_stride;
        row.derivative = rows->derivative == NULL ? NULL : rows->derivative + i * rows->units;
        errors[i] = kind->find(&row);
    }
    return (double)row.max;
}

/* As find_terms where the values of a unit are contiguous: in pieces, whatever units they belong to. */
static double find_terms_by_unit(const void *loss, const output_loss *rows, double *errors)
{
    const loss_kind *kind = bpi_loss_kind(((const bp_loss *)loss)->kind);
    const size_t count = rows->rows * rows->units;
    double terms[ROWS_AT_ONCE];
    loss_row piece = {.tolerance = rows->tolerance,
                      .parameter = ((const bp_loss *)loss)->parameter[LOSS_PARAMETER],
                      .terms = terms};
    for (size_t row = 0; row < rows->rows; row++)
        errors[row] = 0;
    for (size_t start = 0, row = 0; start < count; start += piece.units) {
        piece.units = count - start < ROWS_AT_ONCE ? count - start : ROWS_AT_ONCE;
        piece.y = rows->y + start;
        piece.targets = rows->targets + start;
        piece.derivative = rows->derivative + start;
        (void)kind->find(&piece);
        for (size_t i = 0; i < piece.units; i++) {
            errors[row++] += terms[i];
            row = row < rows->rows ? row : 0;
        }
    }
    return (double)piece.max;
}

loss_by_unit bpi_loss_by_unit(const bp_loss *loss)
{
    return bpi_loss_kind(loss->kind)->find == NULL ? NULL : find_terms_by_unit;
}

typedef struct loss_finder {
    const bp_loss *loss;
    const kernel_table *kernel;
} loss_finder;

/* The loss by the function that knows it; results as of kernel_table.find_loss. */
static double find_loss(const void *loss_and_kernel, const output_loss *rows, double *errors)
{
    const loss_finder *finder = loss_and_kernel;
    const bp_loss *loss = finder->loss;
    if (loss->kind == LOSS_CUSTOM)
        return find_custom(loss, rows, errors);
    const loss_kind *kind = bpi_loss_kind(loss->kind);
    return kind->find != NULL ? find_terms(loss, kind, rows, errors)
                              : finder->kernel->find_loss(rows, errors);
}

/* Up to ROWS_AT_ONCE rows of a block, from `first` on. */
static output_loss part_of(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                           size_t first, bp_real *derivative)
{
    const size_t start = first * block->units, left = block->rows - first;
    output_loss part = bpi_loss_terms(loss, activation, block->units);
    part.rows = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
    part.units = block->units;
    part.x = block->x == NULL ? NULL : block->x + start;
    part.y = block->y + start;
    part.targets = block->targets + first * block->target_stride;
    part.target_stride = block->target_stride;
    part.derivative = derivative == NULL ? NULL : derivative + start;
    return part;
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

/* Likewise by the weight of the output layer. */
static void apply_output_weight(const output_loss *rows, double weight, double *errors)
{
    for (size_t row = 0; row < rows->rows; row++)
        errors[row] *= weight;
    if (rows->derivative != NULL)
        multiply(rows->derivative, rows->rows * rows->units, (bp_real)weight);
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
        const double max =
            block->may_miss
                ? bpi_find_loss_of_present(find_loss, &(loss_finder){loss, block->kernel}, &rows, errors)
                : find_loss(&(loss_finder){loss, block->kernel}, &rows, errors);
        update_deviation(errors, rows.rows, max, deviation);
        if (block->case_weights != NULL)
            apply_case_weights(&rows, block->case_weights + first, errors);
        if (block->weight != NULL)
            apply_output_weight(&rows, *block->weight, errors);
        for (size_t row = 0; row < rows.rows; row++)
            *error += errors[row];
    }
}

/* ------------------------------------------------------ change of the derivative */

/* Is the output further from its target, which is there, than the tolerance, so that it counts? */
static bool is_in_error(bp_real y, bp_real target, bp_real tolerance)
{
    return !(fabs(y - target) <= tolerance) && !isnan(target);
}

/* What the change of a softmax layer's y is multiplied by: the sum of its targets that count. */
static bp_real target_sum(const output_loss *rows)
{
    const bp_real *y = rows->y, *targets = rows->targets;
    double sum = 0;
    for (size_t j = 0; j < rows->units; j++)
        sum += is_in_error(y[j], targets[j], rows->tolerance)
                   ? (double)(targets[j] + rows->smoothing * (rows->share - targets[j]))
                   : 0;
    return (bp_real)sum;
}

/* What the change of each y of the first row is multiplied by. */
static void find_curvature(const bp_loss *loss, const output_loss *rows, bp_real *curvature)
{
    const loss_kind *kind = bpi_loss_kind(loss->kind);
    loss_row terms = {.units = rows->units,
                      .y = rows->y,
                      .targets = rows->targets,
                      .tolerance = rows->tolerance,
                      .parameter = loss->parameter[LOSS_PARAMETER],
                      .curvature = curvature};
    const bool is_softmax = rows->kind == KERNEL_SOFTMAX_CROSS_ENTROPY;
    if (kind->find != NULL) {
        (void)kind->find(&terms);
        return;
    }
    const bp_real sum = is_softmax ? target_sum(rows) : 1;
    for (size_t j = 0; j < rows->units; j++)
        curvature[j] = is_softmax || is_in_error(terms.y[j], terms.targets[j], rows->tolerance) ? sum : 0;
}

void bpi_loss_change(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                     const bp_real *y_change, bp_real *change)
{
    for (size_t row = 0; row < block->rows; row++) {
        const output_loss rows = part_of(loss, activation, block, row, NULL); /* from this row on */
        const bp_real case_weight = block->case_weights == NULL ? 1 : block->case_weights[row];
        const bp_real weight = block->weight == NULL ? 1 : (bp_real)*block->weight;
        bp_real *row_change = change + row * block->units;
        find_curvature(loss, &rows, row_change);
        for (size_t j = 0; j < block->units; j++)
            row_change[j] = row_change[j] == 0 || isnan(rows.targets[j]) /* which is not there */
                                ? 0
                                : weight * case_weight * row_change[j] * y_change[row * block->units + j];
    }
}
