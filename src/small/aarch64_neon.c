/* The baseline of AArch64: NEON, 32 registers of 16 bytes. */
#include "small/tables.h"

#define BPI_TABLE        bpi_small_aarch64_neon
#define BPI_TABLE_NAME   "aarch64-neon"
#define BPI_VECTOR_BYTES 16
#define BPI_TILE_VECTORS 4
#define BPI_CASE_TABLE   bpi_small_case_aarch64_neon
#define BPI_ONLINE_TABLE bpi_small_online_aarch64_neon

#include "small/small_template.h"
