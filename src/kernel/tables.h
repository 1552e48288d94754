/* The kernel tables beside the portable one. The build says which are compiled in
 * (cmake/instruction_sets.cmake). */
#ifndef BPI_KERNEL_TABLES_H
#define BPI_KERNEL_TABLES_H

#include "kernel/kernel.h"

extern const kernel_table bpi_kernel_x86_baseline, bpi_kernel_x86_avx2, bpi_kernel_x86_avx512;
extern const kernel_table bpi_kernel_aarch64_neon;
extern const small_case_table bpi_small_case_x86_fma;
extern const small_case_table bpi_small_case_aarch64_neon;

#endif
