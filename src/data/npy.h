/* NumPy's .npy files. */
#ifndef BPI_DATA_NPY_H
#define BPI_DATA_NPY_H

#include "data/array_file.h"

/* As array_headers_reader. */
bp_status bpi_npy_read_headers(array_pair *pair, bp_target_kind target);

#endif
