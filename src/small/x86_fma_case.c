/* AVX2 with fused multiply-add, for single cases. Also used with AVX-512 (x86_avx512.c). */
#include "small/tables.h"

#define BPI_SMALL_CASE_TABLE bpi_small_case_x86_fma
#define BPI_VECTOR_BYTES     32

#include "small/case_template.h"
