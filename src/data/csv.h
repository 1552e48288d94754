/* Datasets from CSV text. */
#ifndef BPI_DATA_CSV_H
#define BPI_DATA_CSV_H

#include "backprop.h"

/* *checked = options, or the defaults if NULL, with a valid allocator. ARGUMENT, with the option. */
bp_status bpi_csv_check_options(const char *function, const bp_csv_options *options, bp_csv_options *checked);

#endif
