/* The baseline of AArch64: NEON, 32 registers of 16 bytes. */
#include "kernel/tables.h"

#define BPI_TABLE        bpi_kernel_aarch64_neon
#define BPI_TABLE_NAME   "aarch64-neon"
#define BPI_SUPPORTED    true
#define BPI_VECTOR_BYTES 16
#define BPI_TILE_VECTORS 4

#include "kernel/kernel_template.h"
