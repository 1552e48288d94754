/* Activation: total input x to output y, eq. 2, and dE/dy to dE/dx, eq. 5. */
#ifndef BPI_ENGINE_ACTIVATION_H
#define BPI_ENGINE_ACTIVATION_H

#include "kernel/kernel.h"

/* y = f(x) for rows * units dense values. x may be y, unless the activation is custom. */
void bpi_activation_forward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                            size_t units, const bp_real *x, bp_real *y);

/*
 * Turns dE/dy in delta into dE/dx, eq. 5: dE/dx = dE/dy * f'(x); softmax: dE/dx_j = y_j (dE/dy_j - sum_k y_k
 * dE/dy_k). Only custom activations use x and slope, which gets f'(x), rows * units values.
 */
void bpi_activation_backward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                             size_t units, const bp_real *x, const bp_real *y, bp_real *delta,
                             bp_real *slope);

#endif
