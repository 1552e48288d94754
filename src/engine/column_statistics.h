/* Statistics of the columns of a set of rows, for scaling. */
#ifndef BPI_ENGINE_COLUMN_STATISTICS_H
#define BPI_ENGINE_COLUMN_STATISTICS_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* The inputs or targets of all cases, checked. */
typedef struct column_sample {
    const char *function, *name; /* for messages */
    size_t cases, columns;
    const bp_real *values;
    size_t stride;
} column_sample;

/* Statistics of a column, or of several together. The variance is divided by n, not n - 1. */
typedef struct column_statistics {
    double count; /* values */
    double min, max, mean, deviation;
    bool is_two_valued; /* every value is the minimum or the maximum, and these differ */
} column_statistics;

/* columns[i] = statistics of column i. Values that are NaN, targets that are not there, are left out; a
 * column without values has zeros. */
void bpi_find_statistics(const column_sample *sample, column_statistics *columns);

/* The statistics of two sets of values as one. */
column_statistics bpi_join_statistics(const column_statistics *a, const column_statistics *b);

#endif
