/* What every x86-64 has: SSE2, 16 registers of 16 bytes. A single case of a small network goes the portable
 * way: vectors of 16 bytes made up for little of what their code took. */
#include "kernel/tables.h"

#define BPI_TABLE        bpi_kernel_x86_baseline
#define BPI_TABLE_NAME   "x86-baseline"
#define BPI_SUPPORTED    true
#define BPI_VECTOR_BYTES 16
#define BPI_TILE_VECTORS 2

#include "kernel/kernel_template.h"
