/* Activations as values of the caller's: constructors, validation, and what the rows of
 * kernel/activation_rows.h say of them. Eq. 2 and 5 are computed by engine/activation.h. */
#ifndef BPI_NETWORK_ACTIVATION_KIND_H
#define BPI_NETWORK_ACTIVATION_KIND_H

#include <stdbool.h>

#include "kernel/activation_rows.h"

enum {
    ACTIVATION_LINEAR = KERNEL_LINEAR,
#define ACTIVATION_ENUM(name, function, value) ACTIVATION_##name = KERNEL_##name,
    KERNEL_ACTIVATION_LIST(ACTIVATION_ENUM)
#undef ACTIVATION_ENUM
        ACTIVATION_SOFTMAX = KERNEL_SOFTMAX,
    ACTIVATION_CUSTOM = 6
};

/* ARGUMENT (NOT_FINITE for a parameter that is not), with the reason, if the kind, a parameter, or the name
 * or a function of a custom activation, is not valid. The message begins with the function and the
 * activation's owner. */
bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation);

/* *activation = the built-in activation of this name, with the usual parameters; false if there is none. */
bool bpi_activation_by_name(bp_activation *activation, const char *name);

/* How many of activation->parameter it has. */
size_t bpi_activation_parameters(const bp_activation *activation);

/* Is it an epilogue of matrix products, unit by unit, with a slope that follows from y alone? If not, x and y
 * need separate arrays. */
bool bpi_activation_is_fused(const bp_activation *activation);

/* Is its slope found from x? */
bool bpi_activation_needs_x(const bp_activation *activation);

/* False: its slope is 0 wherever there is one, so that nothing can be learned through it. */
bool bpi_activation_has_slope(const bp_activation *activation);

/* Does y rise from one end of its range to the other, and hardly change near both? */
bool bpi_activation_saturates(const bp_activation *activation);

/* Is y proportional to x? */
bool bpi_activation_is_linear(const bp_activation *activation);

/* The ends of the range of y; infinite ones, and false, for custom activations. */
bool bpi_activation_range(const bp_activation *activation, double *low, double *high);

#endif
