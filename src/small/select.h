/* Selects the kernels of a small network. */
#ifndef BPI_SMALL_SELECT_H
#define BPI_SMALL_SELECT_H

#include "small/small.h"

/* The table that belongs to the kernel table of this name, one of those that bpi_kernel_tables lists. */
const small_table *bpi_small_select(const char *name);

/* Its kernels for online training of a network: those with longer vectors, if the layers fill them. */
const small_online_table *bpi_small_select_online(const small_table *table, const small_net *net);

#endif
