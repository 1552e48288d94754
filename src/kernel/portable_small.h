/* The reference for small networks: rows of the portable table. */
#ifndef BPI_KERNEL_PORTABLE_SMALL_H
#define BPI_KERNEL_PORTABLE_SMALL_H

#include "kernel/kernel.h"

size_t bpi_portable_small_scratch(const small_net *net);
void bpi_portable_run_small(small_pass *pass);
extern const small_case_table bpi_small_case_portable;

#endif
