/* Selects the kernel table of a network. */
#ifndef BPI_KERNEL_SELECT_H
#define BPI_KERNEL_SELECT_H

#include "kernel/kernel.h"

/*
 * isa: the name of a table, or NULL for the one named by the environment variable BACKPROP_ISA or, without
 * it, the best that this CPU can run. UNSUPPORTED if there is no such table or this CPU cannot run it.
 * `function` is the caller's name, for the message.
 */
bp_status bpi_kernel_select(const kernel_table **out, const char *function, const char *isa);

/* All tables that are compiled in, the portable one first, the best one last. For tests and benchmarks. */
const kernel_table *const *bpi_kernel_tables(size_t *count);

#endif
