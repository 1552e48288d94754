/* Putting the cases of a dataset into another order. */
#ifndef BPI_DATA_REORDER_H
#define BPI_DATA_REORDER_H

#include "data/dataset.h"

/*
 * Reorders the cases so that order[i] is the origin of case i, sets the subsets, and fills in missing cells
 * with what the training cases say. MEMORY, with the function's name: nothing has changed.
 */
bp_status bpi_dataset_reorder(bp_dataset *dataset, const char *function, const size_t *order,
                              const case_range parts[BP_SUBSET_TEST + 1]);

#endif
