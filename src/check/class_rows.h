/* Rows of outputs and targets that stand for classes: the true and the predicted class of each. */
#ifndef BPI_CHECK_CLASS_ROWS_H
#define BPI_CHECK_CLASS_ROWS_H

#include <stdbool.h>

#include "check/metric_rows.h"

typedef struct class_rows {
    metric_rows all;
    size_t first, columns; /* those of the classes */
    size_t classes;
    double threshold;         /* of a single column; else NaN */
    bool has_negative_target; /* in a single column */
    size_t *truths;           /* the true class of each row */
} class_rows;

/*
 * Finds the columns, the threshold and the true classes. Trusts that classes->all is filled and that options
 * are of this version. ARGUMENT, SIZE, NOT_FINITE, MEMORY; after BP_OK the caller releases truths.
 */
bp_status bpi_class_rows(const char *function, const bp_classification_options *options,
                         const bp_allocator *allocator, class_rows *classes);

/* The outputs of the columns. */
static inline const bp_real *class_outputs(const class_rows *classes, size_t row)
{
    return output_of(&classes->all, row) + classes->first;
}

#endif
