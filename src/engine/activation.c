#include "engine/activation.h"

#include "kernel/portable_values.h"
#include "network/activation_kind.h"

void bpi_activation_forward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                            size_t units, const bp_real *x, bp_real *y)
{
    if (activation->kind == ACTIVATION_CUSTOM)
        activation->function(activation->context, x, y, rows * units);
    else if (activation->kind == ACTIVATION_SOFTMAX)
        kernel->softmax(x, y, rows, units);
    else if (bpi_activation_is_fused(activation))
        kernel->activate(activation->kind, x, y, rows * units);
    else
        kernel->find_values(activation->kind, activation->parameter, x, y, rows * units);
}

/* dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k), as x of each unit changes y of all. */
static void softmax_backward(size_t units, const bp_real *y, bp_real *delta)
{
    bp_real mean = 0;
    for (size_t k = 0; k < units; k++)
        mean += y[k] * delta[k];
    for (size_t j = 0; j < units; j++)
        delta[j] = y[j] * (delta[j] - mean);
}

void bpi_activation_backward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                             size_t units, const bp_real *x, const bp_real *y, bp_real *delta, bp_real *slope)
{
    if (activation->kind == ACTIVATION_CUSTOM) {
        activation->derivative(activation->context, x, y, slope, rows * units);
        for (size_t i = 0; i < rows * units; i++)
            delta[i] *= slope[i]; /* [RHW86] eq. 5 */
    } else if (activation->kind == ACTIVATION_SOFTMAX) {
        for (size_t row = 0; row < rows; row++)
            softmax_backward(units, y + row * units, delta + row * units);
    } else if (bpi_activation_is_fused(activation)) {
        kernel->multiply_slope(activation->kind, y, delta, rows * units);
    } else {
        kernel->multiply_slope_at(activation->kind, activation->parameter, x, delta, rows * units);
    }
}

static void add_softmax_curvature(size_t units, const bp_real *y, const bp_real *x_change,
                                  const bp_real *delta, bp_real *change)
{
    bp_real mean = 0, sum = 0;
    for (size_t k = 0; k < units; k++) {
        mean += y[k] * x_change[k];
        sum += x_change[k] * delta[k];
    }
    for (size_t j = 0; j < units; j++)
        change[j] += (x_change[j] - mean) * delta[j] - y[j] * sum;
}

void bpi_activation_curvature(const bp_activation *activation, size_t rows, size_t units, const bp_real *x,
                              const bp_real *y, const bp_real *x_change, const bp_real *dy,
                              const bp_real *delta, bp_real *change)
{
    const size_t count = rows * units;
    if (bpi_activation_needs_x(activation)) {
        bpi_portable_add_curvature(activation->kind, activation->parameter, x, x_change, dy, change, count);
        return;
    }
    switch (activation->kind) {
    case ACTIVATION_LOGISTIC:
        for (size_t i = 0; i < count; i++)
            change[i] += (1 - 2 * y[i]) * x_change[i] * delta[i];
        break;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < count; i++)
            change[i] -= 2 * y[i] * x_change[i] * delta[i];
        break;
    case ACTIVATION_SOFTMAX:
        for (size_t row = 0; row < rows; row++) {
            const size_t start = row * units;
            add_softmax_curvature(units, y + start, x_change + start, delta + start, change + start);
        }
        break;
    default: /* linear and ReLU: f'' = 0 */
        break;
    }
}
