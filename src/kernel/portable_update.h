/* The updates of portable.c other than momentum. */
#ifndef BPI_KERNEL_PORTABLE_UPDATE_H
#define BPI_KERNEL_PORTABLE_UPDATE_H

#include <math.h>

#include "kernel/kernel.h"

/* x, or 0 if it is a denormal number. */
static inline bp_real bpi_normal(bp_real x)
{
    return isnormal(x) || !isfinite(x) ? x : 0;
}

/* rule_update, of any kind but KERNEL_MOMENTUM. */
void bpi_portable_rule_update(const weight_update *update, const bp_real *gradient, size_t count);

#endif
