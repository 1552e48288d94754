/* Datasets from CSV text. */
#ifndef BPI_DATA_CSV_H
#define BPI_DATA_CSV_H

#include "backprop.h"

/* *checked = options, or the defaults if NULL, with a valid allocator. ARGUMENT, with the option. */
bp_status bpi_csv_check_options(const char *function, const bp_csv_options *options, bp_csv_options *checked);

/* Loads a dataset from text of `size` bytes, which must be followed by a byte '\0' and is modified. `name` is
 * that of the file, for messages. Trusts that options were checked. */
bp_status bpi_csv_parse(bp_dataset **out, const char *name, char *text, size_t size,
                        const bp_csv_options *options);

#endif
