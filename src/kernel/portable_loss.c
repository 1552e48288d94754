/* The losses (kernel.h) in plain C, a case at a time, in double: the reference for the vector kernels. */
#include <math.h>

#include "kernel/portable_loss.h"

enum { LANES = 4 };

/* One row of each matrix, whose values are `stride` apart. */
typedef struct loss_case {
    size_t units, stride;
    const bp_real *x, *y, *target;
    bp_real *derivative; /* or NULL */
    bp_real tolerance;
} loss_case;

static bp_real distance(const loss_case *c, size_t j)
{
    bp_real difference = c->y[j * c->stride] - c->target[j * c->stride];
    return difference < 0 ? -difference : difference;
}

/* Is the output in error, that is, further from its target than the tolerance? NaN is. */
static bool is_in_error(const loss_case *c, size_t j)
{
    return !(distance(c, j) <= c->tolerance);
}

/* [RHW86] eq. 4 for squared error; the same formula is dE/dx of cross-entropy with logistic units. */
static void store_differences(const loss_case *c)
{
    for (size_t j = 0; c->derivative != NULL && j < c->units; j++)
        c->derivative[j * c->stride] = is_in_error(c, j) ? c->y[j * c->stride] - c->target[j * c->stride] : 0;
}

static double squared_error(const loss_case *c)
{
    double lane[LANES] = {0};
    for (size_t j = 0; j < c->units; j++) {
        double difference = (double)c->y[j * c->stride] - (double)c->target[j * c->stride];
        lane[j % LANES] += is_in_error(c, j) ? difference * difference : 0;
    }
    store_differences(c);
    return 0.5 * ((lane[0] + lane[2]) + (lane[1] + lane[3]));
}

static double logistic_cross_entropy(const loss_case *c)
{
    double error = 0;
    for (size_t j = 0; j < c->units; j++) {
        double x = (double)c->x[j * c->stride], tail = log1p(exp(-fabs(x)));
        if (is_in_error(c, j))
            error += (x > 0 ? x : 0) - (double)c->target[j * c->stride] * x + tail;
    }
    store_differences(c);
    return error;
}

/* The target of a softmax unit, 0 if the unit is not in error. */
static double effective_target(const loss_case *c, size_t j)
{
    return is_in_error(c, j) ? (double)c->target[j * c->stride] : 0;
}

static size_t index_of_max(const bp_real *values, size_t count, size_t stride)
{
    size_t best = 0;
    for (size_t j = 1; j < count; j++)
        if (values[j * stride] > values[best * stride])
            best = j;
    return best;
}

static double softmax_cross_entropy(const loss_case *c)
{
    size_t max = index_of_max(c->x, c->units, c->stride);
    double others = 0, target_sum = 0, below = 0;
    for (size_t j = 0; j < c->units; j++) {
        others += j == max ? 0 : (double)c->y[j * c->stride];
        target_sum += effective_target(c, j);
        below += 2 * effective_target(c, j) *
                 ((double)c->x[max * c->stride] / 2 - (double)c->x[j * c->stride] / 2);
    }
    for (size_t j = 0; c->derivative != NULL && j < c->units; j++)
        c->derivative[j * c->stride] =
            c->y[j * c->stride] * (bp_real)target_sum - (bp_real)effective_target(c, j);
    return target_sum * log1p(others / (double)c->y[max * c->stride]) + below;
}

static double find_loss_of(const loss_case *c, int32_t kind, bp_real *max_abs_error)
{
    for (size_t j = 0; j < c->units; j++)
        *max_abs_error = distance(c, j) > *max_abs_error ? distance(c, j) : *max_abs_error;
    return kind == KERNEL_SQUARED_ERROR           ? squared_error(c)
           : kind == KERNEL_SOFTMAX_CROSS_ENTROPY ? softmax_cross_entropy(c)
                                                  : logistic_cross_entropy(c);
}

/* Row r begins `row_stride` * r values after the first, its targets `target_stride` * r after theirs. */
static double find_loss(const output_loss *loss, size_t row_stride, size_t target_stride, size_t unit_stride,
                        double *errors)
{
    bp_real max_abs_error = 0;
    for (size_t row = 0; row < loss->rows; row++) {
        const size_t start = row * row_stride;
        const loss_case c = {.units = loss->units,
                             .stride = unit_stride,
                             .x = loss->x == NULL ? NULL : loss->x + start,
                             .y = loss->y + start,
                             .target = loss->targets + row * target_stride,
                             .derivative = loss->derivative == NULL ? NULL : loss->derivative + start,
                             .tolerance = loss->tolerance};
        errors[row] = find_loss_of(&c, loss->kind, &max_abs_error);
    }
    return (double)max_abs_error;
}

double bpi_portable_find_loss(const output_loss *loss, double *errors)
{
    return find_loss(loss, loss->units, loss->target_stride, 1, errors);
}

double bpi_portable_find_loss_by_unit(const output_loss *loss, double *errors)
{
    return find_loss(loss, 1, 1, loss->rows, errors);
}
