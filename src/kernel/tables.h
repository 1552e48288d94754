/* All kernel tables. The build decides which of them are compiled in besides the portable one
 * (cmake/instruction_sets.cmake). */
#ifndef BPI_KERNEL_TABLES_H
#define BPI_KERNEL_TABLES_H

#include "kernel/kernel.h"

extern const kernel_table bpi_kernel_portable; /* the reference, which runs everywhere */
extern const kernel_table bpi_kernel_x86_baseline, bpi_kernel_x86_avx2, bpi_kernel_x86_avx512;
extern const kernel_table bpi_kernel_aarch64_neon;

#endif
