/* Which activations there are: their names, and what is checked of them. eq. 2 and 5 are computed by
 * engine/activation.h. */
#ifndef BPI_NETWORK_ACTIVATION_KIND_H
#define BPI_NETWORK_ACTIVATION_KIND_H

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

/* ARGUMENT, with what is wrong, if it was not made by a constructor or lacks a function or a proper name. The
 * message begins with the function and whose activation it is. */
bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation);

/* The activation with a built-in name (not custom ones); false if there is none. */
bool bpi_activation_by_name(bp_activation *activation, const char *name);

/* Does a kernel row compute it, unit by unit and with its slope from y alone (true), or are x and y kept
 * apart? */
bool bpi_activation_is_elementwise(const bp_activation *activation);

#endif
