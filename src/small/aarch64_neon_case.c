/* The baseline of AArch64, for single cases. */
#include "small/tables.h"

#define BPI_SMALL_CASE_TABLE bpi_small_case_aarch64_neon
#define BPI_VECTOR_BYTES     16

#include "small/case_template.h"
