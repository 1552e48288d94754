/* Datasets from NumPy's .npy files. */
#ifndef BPI_DATA_NPY_H
#define BPI_DATA_NPY_H

#include "base/read_file.h"

/* Loads a dataset from files just opened; targets may be NULL. target is a value of bp_target_kind, classes
 * is not 1, the allocator is one of bpi_allocator_choose. Fails as bp_dataset_load_npy does. */
bp_status bpi_npy_read(bp_dataset **out, input_file *inputs, input_file *targets, bp_target_kind target,
                       size_t classes, const bp_allocator *allocator);

#endif
