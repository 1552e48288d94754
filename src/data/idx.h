/* Datasets from IDX files. */
#ifndef BPI_DATA_IDX_H
#define BPI_DATA_IDX_H

#include "base/read_file.h"

/* Loads a dataset from files just opened; labels may be NULL. classes is not 1, the allocator is one of
 * bpi_allocator_choose. Fails as bp_dataset_load_idx does. */
bp_status bpi_idx_read(bp_dataset **out, input_file *inputs, input_file *labels, size_t classes,
                       const bp_allocator *allocator);

#endif
