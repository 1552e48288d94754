/* Datasets from CSV text. */
#ifndef BPI_DATA_CSV_H
#define BPI_DATA_CSV_H

#include "backprop.h"

/* *checked = options, or the defaults if NULL, with an allocator chosen. ARGUMENT names the member at fault.
 */
bp_status bpi_csv_check_options(const char *function, const bp_csv_options *options, bp_csv_options *checked);

/*
 * A dataset from text of size bytes, which must be followed by a byte '\0' and is written to. `name` is that
 * of the file, for messages; options have been checked.
 */
bp_status bpi_csv_parse(bp_dataset **out, const char *name, char *text, size_t size,
                        const bp_csv_options *options);

#endif
