/* AVX-512, for online training of networks whose layers fill its vectors (select.h). */
#include "small/tables.h"

#define BPI_ONLINE_TABLE bpi_small_online_x86_avx512
#define BPI_VECTOR_BYTES 64

#include "small/online_table_template.h"
