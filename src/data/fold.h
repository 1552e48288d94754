/* The folds of cross-validation. */
#ifndef BPI_DATA_FOLD_H
#define BPI_DATA_FOLD_H

#include "data/dataset.h"

/* Reads and checks the caller's options; NULL: all defaults. *count is the number of folds of all
 * repetitions. ARGUMENT, SIZE, OVERFLOW, VERSION. */
bp_status bpi_fold_options(const char *function, const bp_dataset *dataset, const bp_fold_options *given,
                           bp_fold_options *options, size_t *count);

/* bp_dataset_fold with options that were checked. */
bp_status bpi_dataset_fold(const char *function, bp_dataset *dataset, const bp_fold_options *options,
                           size_t fold, bp_split_result *result);

#endif
