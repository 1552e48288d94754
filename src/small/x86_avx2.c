/* AVX2 with fused multiply-add: 16 registers of 32 bytes. */
#include "small/tables.h"

#define BPI_TABLE        bpi_small_x86_avx2
#define BPI_TABLE_NAME   "x86-avx2"
#define BPI_VECTOR_BYTES 32
#define BPI_TILE_VECTORS 2
#define BPI_CASE_TABLE   bpi_small_case_x86_fma
#define BPI_ONLINE_TABLE bpi_small_online_x86_fma

#include "small/small_template.h"
