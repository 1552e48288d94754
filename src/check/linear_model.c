#include "check/linear_model.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"

/* Steps at most; the decay of the mean error; E has come to rest when a step lowers it by less than this
 * part. */
enum { MAX_STEPS = 40, MAX_HALVINGS = 6 };
static const double decay = 1e-3, rest = 1e-5;

double bpi_linear_cost(size_t cases, size_t inputs, size_t outputs)
{
    return 2.0 * MAX_STEPS * (double)cases * (double)inputs * (double)outputs;
}

/* A fit in progress. Of the weights, and of the cases, some arrays each. */
typedef struct linear_fit {
    const linear_model *model;
    size_t cases, weights;
    const bp_real *x, *targets;                /* the first case's */
    size_t stride;                             /* of both */
    bp_real *gradient, *last, *direction;      /* of the weights */
    bp_real *sums, *along, *outputs, *scratch; /* W x, D x for the direction D, f(W x) */
    double error;
} linear_fit;

static size_t scratch_of(const linear_model *model, size_t cases)
{
    const size_t forward = model->kernel->product_scratch(cases, model->outputs, model->inputs);
    return bpi_max(forward, model->kernel->product_scratch(model->outputs, model->inputs, cases));
}

/* sums = weights x, for each case. */
static void multiply(const linear_model *model, const bp_real *weights, const bp_real *x, size_t stride,
                     size_t cases, bp_real *sums, bp_real *scratch)
{
    model->kernel->product_forward(&(matrix_product){.m = cases,
                                                     .n = model->outputs,
                                                     .k = model->inputs,
                                                     .a = x,
                                                     .a_stride = stride,
                                                     .b = weights,
                                                     .b_stride = model->inputs,
                                                     .c = sums,
                                                     .c_stride = model->outputs,
                                                     .scratch = scratch});
}

static void find_outputs(const linear_model *model, const bp_real *sums, bp_real *outputs, size_t cases)
{
    if (model->output == LINEAR_CLASSES)
        model->kernel->softmax(sums, outputs, cases, model->outputs);
    else
        model->kernel->activate(model->output == LINEAR_BINARY ? KERNEL_LOGISTIC : KERNEL_LINEAR, sums,
                                outputs, cases * model->outputs);
}

/* -------------------------------------------------------------------------- steps */

/* E of a case: 1/2 (y - d)^2, or the cross-entropy. */
static double case_error(const linear_fit *fit, size_t row)
{
    const double least = 1e-30;
    const size_t count = fit->model->outputs;
    const bp_real *y = fit->outputs + row * count, *d = fit->targets + row * fit->stride;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double output = (double)y[i], target = (double)d[i];
        if (fit->model->output == LINEAR_NUMBERS)
            sum += (output - target) * (output - target) / 2;
        else
            sum -= target * log(fmax(output, least));
        if (fit->model->output == LINEAR_BINARY)
            sum -= (1 - target) * log(fmax(1 - output, least));
    }
    return sum;
}

static double square_of(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

static double dot(const bp_real *a, const bp_real *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* E of all cases and of the decay, from the sums. */
static double find_error(linear_fit *fit)
{
    double sum = decay / 2 * (double)fit->cases * square_of(fit->model->weights, fit->weights);
    find_outputs(fit->model, fit->sums, fit->outputs, fit->cases);
    for (size_t row = 0; row < fit->cases; row++)
        sum += case_error(fit, row);
    return sum;
}

/* dE/dW, from dE/dx = y - d of all three kinds. */
static void find_gradient(linear_fit *fit)
{
    const linear_model *model = fit->model;
    for (size_t row = 0; row < fit->cases; row++)
        for (size_t i = 0; i < model->outputs; i++)
            fit->along[row * model->outputs + i] =
                fit->outputs[row * model->outputs + i] - fit->targets[row * fit->stride + i];
    model->kernel->product_weights(&(matrix_product){.m = model->outputs,
                                                     .n = model->inputs,
                                                     .k = fit->cases,
                                                     .a = fit->along,
                                                     .a_stride = model->outputs,
                                                     .b = fit->x,
                                                     .b_stride = fit->stride,
                                                     .c = fit->gradient,
                                                     .c_stride = model->inputs,
                                                     .scratch = fit->scratch});
    for (size_t i = 0; i < fit->weights; i++)
        fit->gradient[i] += (bp_real)(decay * (double)fit->cases) * model->weights[i];
}

/* The second derivative of E along the direction, from f(W x) and D x of each case. */
static double find_curvature(const linear_fit *fit)
{
    const size_t count = fit->model->outputs;
    double sum = decay * (double)fit->cases * square_of(fit->direction, fit->weights);
    for (size_t row = 0; row < fit->cases; row++) {
        const bp_real *y = fit->outputs + row * count, *q = fit->along + row * count;
        double mean = 0;
        for (size_t i = 0; i < count; i++) {
            const double slope = fit->model->output == LINEAR_NUMBERS  ? 1
                                 : fit->model->output == LINEAR_BINARY ? (double)y[i] * (1 - (double)y[i])
                                                                       : (double)y[i];
            sum += slope * (double)q[i] * (double)q[i];
            mean += (double)y[i] * (double)q[i];
        }
        sum -= fit->model->output == LINEAR_CLASSES ? mean * mean : 0;
    }
    return sum;
}

static void move(const linear_fit *fit, double step)
{
    for (size_t i = 0; i < fit->weights; i++)
        fit->model->weights[i] += (bp_real)step * fit->direction[i];
    for (size_t i = 0; i < fit->cases * fit->model->outputs; i++)
        fit->sums[i] += (bp_real)step * fit->along[i];
}

/* Goes along the direction to the minimum of the parabola, or half as far until E is lower. False if it is
 * not. */
static bool search_line(linear_fit *fit)
{
    multiply(fit->model, fit->direction, fit->x, fit->stride, fit->cases, fit->along, fit->scratch);
    const double slope = -dot(fit->gradient, fit->direction, fit->weights), curvature = find_curvature(fit);
    if (!(slope > 0 && curvature > 0))
        return false;
    double step = slope / curvature;
    move(fit, step);
    for (int i = 0; i < MAX_HALVINGS; i++) {
        const double error = find_error(fit);
        if (error < fit->error) {
            const bool has_moved = error < (1 - rest) * fit->error;
            fit->error = error;
            return has_moved;
        }
        step /= 2;
        move(fit, -step);
    }
    return false;
}

/* Polak and Ribiere's rule; it begins anew where it would go up. */
static void find_direction(linear_fit *fit)
{
    const double before = square_of(fit->last, fit->weights);
    const double change =
        square_of(fit->gradient, fit->weights) - dot(fit->gradient, fit->last, fit->weights);
    const double factor = before > 0 ? change / before : 0;
    for (size_t i = 0; i < fit->weights; i++)
        fit->direction[i] = (factor > 0 ? (bp_real)factor * fit->direction[i] : 0) - fit->gradient[i];
    memcpy(fit->last, fit->gradient, fit->weights * sizeof *fit->last);
}

static void descend(linear_fit *fit)
{
    fit->error = find_error(fit);
    for (int step = 0; step < MAX_STEPS; step++) {
        find_gradient(fit);
        find_direction(fit);
        if (!search_line(fit))
            return;
    }
}

/* ----------------------------------------------------------------------- the whole */

static bool reserve(linear_fit *fit)
{
    const bp_allocator *allocator = fit->model->allocator;
    const size_t outputs = fit->cases * fit->model->outputs, size = sizeof(bp_real);
    fit->gradient = bpi_allocate_zeroed(allocator, fit->weights, size);
    fit->last = bpi_allocate_zeroed(allocator, fit->weights, size);
    fit->direction = bpi_allocate_zeroed(allocator, fit->weights, size);
    fit->sums = bpi_allocate_zeroed(allocator, outputs, size);
    fit->along = bpi_allocate(allocator, outputs, size);
    fit->outputs = bpi_allocate(allocator, outputs, size);
    fit->scratch = bpi_allocate(allocator, scratch_of(fit->model, fit->cases), size);
    return fit->gradient != NULL && fit->last != NULL && fit->direction != NULL && fit->sums != NULL &&
           fit->along != NULL && fit->outputs != NULL && fit->scratch != NULL;
}

static void release(const linear_fit *fit)
{
    bp_real *const blocks[] = {fit->gradient, fit->last,    fit->direction, fit->sums,
                               fit->along,    fit->outputs, fit->scratch};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        bpi_release(fit->model->allocator, blocks[i]);
}

bool bpi_linear_fit(linear_model *model, const case_rows *cases, size_t first, size_t end)
{
    const size_t weights = model->inputs * model->outputs;
    if (model->weights == NULL)
        model->weights = bpi_allocate(model->allocator, weights, sizeof *model->weights);
    if (model->weights == NULL)
        return false;
    memset(model->weights, 0, weights * sizeof *model->weights);
    linear_fit fit = {.model = model,
                      .cases = end - first,
                      .weights = weights,
                      .x = bpi_inputs_of(cases, first),
                      .targets = bpi_targets_of(cases, first),
                      .stride = bpi_row_width(cases)};
    const bool has_memory = reserve(&fit);
    if (has_memory)
        descend(&fit);
    release(&fit);
    return has_memory;
}

bool bpi_linear_predict(const linear_model *model, const case_rows *cases, size_t first, size_t end,
                        bp_real *outputs)
{
    bp_real *scratch = bpi_allocate(model->allocator, scratch_of(model, end - first), sizeof *scratch);
    if (scratch == NULL)
        return false;
    multiply(model, model->weights, bpi_inputs_of(cases, first), bpi_row_width(cases), end - first, outputs,
             scratch);
    find_outputs(model, outputs, outputs, end - first);
    bpi_release(model->allocator, scratch);
    return true;
}
