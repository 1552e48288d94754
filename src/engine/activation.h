/* Activation: total input x to output y, eq. 2, and dE/dy to dE/dx, eq. 5. */
#ifndef BPI_ENGINE_ACTIVATION_H
#define BPI_ENGINE_ACTIVATION_H

#include "kernel/kernel.h"

/* y = f(x) for rows * units dense values. x may be y, unless the activation is custom. */
void bpi_activation_forward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                            size_t units, const bp_real *x, bp_real *y);

/*
 * Turns dE/dy in delta into dE/dx, eq. 5: dE/dx = dE/dy * f'(x); softmax: dE/dx_j = y_j (dE/dy_j - sum_k y_k
 * dE/dy_k). y, or x where bpi_activation_needs_x, must be as they were computed; only custom activations use
 * slope, which gets f'(x), rows * units values.
 */
void bpi_activation_backward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                             size_t units, const bp_real *x, const bp_real *y, bp_real *delta,
                             bp_real *slope);

/*
 * The part of the change of dE/dx that comes from the slope, when x changes by x_change and dE/dy does not:
 * added to change, for built-in activations. delta is dE/dx before the change; dy, which is used together
 * with x where bpi_activation_needs_x, is dE/dy. f''(x) x_change dE/dy is (1 - 2 y) x_change delta for the
 * logistic function and -2 y x_change delta for tanh, so that dE/dy is not needed; for softmax, with s =
 * sum_k y_k x_change_k and t = sum_k x_change_k delta_k, it is (x_change_j - s) delta_j - y_j t. [Pearlmutter
 * 1994]
 */
void bpi_activation_curvature(const bp_activation *activation, size_t rows, size_t units, const bp_real *x,
                              const bp_real *y, const bp_real *x_change, const bp_real *dy,
                              const bp_real *delta, bp_real *change);

#endif
