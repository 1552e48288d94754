/* Copies of datasets. */
#ifndef BPI_DATA_DATASET_COPY_H
#define BPI_DATA_DATASET_COPY_H

#include "data/dataset.h"

/* Like bp_dataset_copy, with an allocator, and for messages the name of the function. */
bp_status bpi_dataset_copy(bp_dataset **out, const char *function, const bp_dataset *dataset,
                           const bp_allocator *allocator);

#endif
