/* AVX2 with fused multiply-add, for single cases; the table of AVX-512 uses them too, since most of what
 * longer vectors hold would be empty. */
#include "small/tables.h"

#define BPI_SMALL_CASE_TABLE bpi_small_case_x86_fma
#define BPI_VECTOR_BYTES     32

#include "small/case_template.h"
