/* The baseline of x86-64: SSE2, 16 registers of 16 bytes. */
#include "kernel/tables.h"

#define BPI_TABLE        bpi_kernel_x86_baseline
#define BPI_TABLE_NAME   "x86-baseline"
#define BPI_SUPPORTED    true
#define BPI_VECTOR_BYTES 16
#define BPI_TILE_VECTORS 2

#include "kernel/kernel_template.h"
