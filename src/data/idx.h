/* Datasets from IDX files. */
#ifndef BPI_DATA_IDX_H
#define BPI_DATA_IDX_H

#include "base/read_file.h"

/* A dataset from open files, read from their beginnings; labels may be NULL. allocator is one that was
 * chosen, classes is not 1. Failures are those of bp_dataset_load_idx. */
bp_status bpi_idx_read(bp_dataset **out, input_file *inputs, input_file *labels, size_t classes,
                       const bp_allocator *allocator);

#endif
