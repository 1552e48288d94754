/* Datasets from FANN's training files. */
#ifndef BPI_DATA_FANN_DATA_H
#define BPI_DATA_FANN_DATA_H

#include "base/read_file.h"

/* Loads a dataset from a file just opened; the allocator is one of bpi_allocator_choose. Fails as
 * bp_dataset_load_fann does. */
bp_status bpi_fann_read(bp_dataset **out, input_file *input, const bp_allocator *allocator);

#endif
