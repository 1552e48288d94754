/* The figures of the test cases of a fold. */
#ifndef BPI_DATA_FOLD_METRICS_H
#define BPI_DATA_FOLD_METRICS_H

#include "data/case_classes.h"

/*
 * Sets the figures of `result` from accuracy to r2, from outputs and targets of the test cases. `classes` are
 * those of the whole dataset, since the test cases may have but one. NOT_FINITE, MEMORY.
 */
bp_status bpi_fold_metrics(const bp_allocator *allocator, const case_classes *classes, const bp_data *test,
                           const bp_real *outputs, bp_fold_result *result);

#endif
