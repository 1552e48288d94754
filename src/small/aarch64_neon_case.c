/* The baseline of AArch64, for single cases and online training. */
#include "small/tables.h"

#define BPI_CASE_TABLE   bpi_small_case_aarch64_neon
#define BPI_ONLINE_TABLE bpi_small_online_aarch64_neon
#define BPI_VECTOR_BYTES 16

#include "small/case_template.h"
#include "small/online_table_template.h"
