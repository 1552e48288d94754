/* AVX2 with fused multiply-add, for single cases and online training. Also used with AVX-512
 * (x86_avx512.c). */
#include "small/tables.h"

#define BPI_CASE_TABLE   bpi_small_case_x86_fma
#define BPI_ONLINE_TABLE bpi_small_online_x86_fma
#define BPI_VECTOR_BYTES 32

#include "small/case_template.h"
#include "small/online_table_template.h"
