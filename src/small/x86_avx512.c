/* AVX-512: 32 registers of 64 bytes. Single cases use the table for AVX2, and so does online training where
 * the layers of a network would leave many lanes of longer vectors empty. */
#include "small/tables.h"

#define BPI_TABLE             bpi_small_x86_avx512
#define BPI_TABLE_NAME        "x86-avx512"
#define BPI_VECTOR_BYTES      64
#define BPI_TILE_VECTORS      4
#define BPI_CASE_TABLE        bpi_small_case_x86_fma
#define BPI_ONLINE_TABLE      bpi_small_online_x86_fma
#define BPI_WIDE_ONLINE_TABLE bpi_small_online_x86_avx512

#include "small/small_template.h"
