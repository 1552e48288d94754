/* The baseline of x86-64: SSE2, 16 registers of 16 bytes. Single cases and online training use the portable
 * code: vectors of 16 bytes were hardly faster, and their code is larger. */
#include "small/tables.h"

#define BPI_TABLE        bpi_small_x86_baseline
#define BPI_TABLE_NAME   "x86-baseline"
#define BPI_VECTOR_BYTES 16
#define BPI_TILE_VECTORS 2
#define BPI_CASE_TABLE   bpi_small_case_portable
#define BPI_ONLINE_TABLE bpi_small_online_portable

#include "small/small_template.h"
