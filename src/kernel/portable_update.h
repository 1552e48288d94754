/* The updates of portable.c other than momentum. */
#ifndef BPI_KERNEL_PORTABLE_UPDATE_H
#define BPI_KERNEL_PORTABLE_UPDATE_H

#include "kernel/kernel.h"

/* rule_update, of any kind but KERNEL_MOMENTUM. */
void bpi_portable_rule_update(const weight_update *update, const bp_real *gradient, size_t count);

#endif
