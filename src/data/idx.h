/* IDX files. */
#ifndef BPI_DATA_IDX_H
#define BPI_DATA_IDX_H

#include "data/array_file.h"

/* As array_headers_reader; the targets are labels, whatever `target` is. */
bp_status bpi_idx_read_headers(array_pair *pair, bp_target_kind target);

#endif
