/* AVX2 with fused multiply-add: 16 registers of 32 bytes. */
#include "kernel/tables.h"

#define BPI_TABLE        bpi_kernel_x86_avx2
#define BPI_TABLE_NAME   "x86-avx2"
#define BPI_SUPPORTED    (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#define BPI_VECTOR_BYTES 32
#define BPI_TILE_VECTORS 2

#include "kernel/kernel_template.h"
