/* Selects the kernels of a small network. */
#ifndef BPI_SMALL_SELECT_H
#define BPI_SMALL_SELECT_H

#include "small/small.h"

/* The table that belongs to the kernel table of this name, one of those that bpi_kernel_tables lists. */
const small_table *bpi_small_select(const char *name);

#endif
