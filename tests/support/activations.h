/* Functions for bp_activation_custom; context is not used. */
#ifndef TESTS_ACTIVATIONS_H
#define TESTS_ACTIVATIONS_H

#include "backprop.h"

/* y = x, and its slope, 1. */
void identity(void *context, const bp_real *x, bp_real *y, size_t count);
void slope_of_identity(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count);

/* y = x^3. */
void cube(void *context, const bp_real *x, bp_real *y, size_t count);

#endif
