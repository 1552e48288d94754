/* AVX-512: 32 registers of 64 bytes. Single cases use the table for AVX2: a layer of a small network would
 * leave most lanes of longer vectors empty. */
#include "small/tables.h"

#define BPI_TABLE            bpi_small_x86_avx512
#define BPI_TABLE_NAME       "x86-avx512"
#define BPI_VECTOR_BYTES     64
#define BPI_TILE_VECTORS     4
#define BPI_SMALL_CASE_TABLE bpi_small_case_x86_fma

#include "small/small_template.h"
