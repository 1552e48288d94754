/* The kinds of activation: their names, and the validation of a bp_activation. Eq. 2 and 5 are computed by
 * engine/activation.h. */
#ifndef BPI_NETWORK_ACTIVATION_KIND_H
#define BPI_NETWORK_ACTIVATION_KIND_H

#include <stdbool.h>

#include "kernel/kernel.h"

enum {
    ACTIVATION_LINEAR = KERNEL_LINEAR,
#define ACTIVATION_ENUM(name, function, value) ACTIVATION_##name = KERNEL_##name,
    KERNEL_ACTIVATION_LIST(ACTIVATION_ENUM)
#undef ACTIVATION_ENUM
        ACTIVATION_SOFTMAX = 5,
    ACTIVATION_CUSTOM = 6
};

/* ARGUMENT, with the reason, if the kind, or the name or a function of a custom activation, is not valid. The
 * message begins with the function and the activation's owner. */
bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation);

/* *activation = the built-in activation of this name; false if there is none. */
bool bpi_activation_by_name(bp_activation *activation, const char *name);

/* Is it computed by kernels, unit by unit, with a slope that follows from y alone? If not, x and y need
 * separate arrays. */
bool bpi_activation_is_elementwise(const bp_activation *activation);

#endif
