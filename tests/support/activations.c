#include "support/activations.h"

void identity(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i];
}

void slope_of_identity(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)x, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = 1;
}

void cube(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * x[i] * x[i];
}
