/* Which kernels a network uses. */
#ifndef BPI_KERNEL_SELECT_H
#define BPI_KERNEL_SELECT_H

#include "kernel/kernel.h"

/*
 * The table for a network. isa: a name, or NULL for the one named by the environment variable
 * BACKPROP_ISA or else the best that this CPU has. Unknown name or not on this CPU: UNSUPPORTED.
 */
bp_status bpi_kernel_select(const kernel_table **out, const char *function, const char *isa);

/* All tables that were compiled in, the portable one first, the best last. For tests and the bench. */
const kernel_table *const *bpi_kernel_tables(size_t *count);

#endif
