/* All tables for small networks. The build decides which of them are compiled in besides the portable one
 * (cmake/instruction_sets.cmake). */
#ifndef BPI_SMALL_TABLES_H
#define BPI_SMALL_TABLES_H

#include "small/small.h"

extern const small_table bpi_small_portable; /* the reference, which runs everywhere */
extern const small_table bpi_small_x86_baseline, bpi_small_x86_avx2, bpi_small_x86_avx512;
extern const small_table bpi_small_aarch64_neon;

extern const small_case_table bpi_small_case_portable;
extern const small_case_table bpi_small_case_x86_fma;
extern const small_case_table bpi_small_case_aarch64_neon;

extern const small_online_table bpi_small_online_portable;
extern const small_online_table bpi_small_online_x86_fma, bpi_small_online_x86_avx512;
extern const small_online_table bpi_small_online_aarch64_neon;

#endif
