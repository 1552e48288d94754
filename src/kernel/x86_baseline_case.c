/* What every x86-64 has, for single cases. */
#include "kernel/tables.h"

#define BPI_SMALL_CASE_TABLE bpi_small_case_x86_baseline
#define BPI_VECTOR_BYTES     16

#include "kernel/small_case_template.h"
