/* AVX-512: 32 registers of 64 bytes. */
#include "kernel/tables.h"

#define BPI_TABLE      bpi_kernel_x86_avx512
#define BPI_TABLE_NAME "x86-avx512"
#define BPI_SUPPORTED                                                                                        \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&                              \
     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&                             \
     __builtin_cpu_supports("fma"))
#define BPI_VECTOR_BYTES 64
#define BPI_TILE_VECTORS 4

#include "kernel/kernel_template.h"
