/* Activation: total input x to output y, eq. 2, and dE/dy to dE/dx, eq. 5. */
#ifndef BPI_MODEL_ACTIVATION_H
#define BPI_MODEL_ACTIVATION_H

#include <stdbool.h>

#include "kernel/kernel.h"

enum {
    ACTIVATION_LINEAR = KERNEL_LINEAR,
    ACTIVATION_LOGISTIC = KERNEL_LOGISTIC,
    ACTIVATION_TANH = KERNEL_TANH,
    ACTIVATION_RELU = KERNEL_RELU,
    ACTIVATION_SOFTMAX = 5,
    ACTIVATION_CUSTOM = 6
};

/* ARGUMENT, with what is wrong, if it was not made by a constructor or lacks a function or a proper name. */
bp_status bpi_activation_check(const bp_activation *activation);

/* The activation with a built-in name (not custom ones); false if there is none. */
bool bpi_activation_by_name(bp_activation *activation, const char *name);

/* Does a kernel row compute it, unit by unit and with its slope from y alone (true), or are x and y kept
 * apart? */
bool bpi_activation_is_elementwise(const bp_activation *activation);

/* y = f(x) for rows * units dense values; x may be y unless the activation is a custom one. */
void bpi_activation_forward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                            size_t units, const bp_real *x, bp_real *y);

/*
 * delta holds dE/dy and gets dE/dx, eq. 5: dE/dx = dE/dy * f'(x). x and slope (rows * units values of
 * room) are needed by custom activations only. Softmax: dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k).
 */
void bpi_activation_backward(const kernel_table *kernel, const bp_activation *activation, size_t rows,
                             size_t units, const bp_real *x, const bp_real *y, bp_real *delta,
                             bp_real *slope);

#endif
