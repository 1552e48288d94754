/* Columns of inputs that are equal up to scale and shift. */
#ifndef BPI_CHECK_DUPLICATE_COLUMNS_H
#define BPI_CHECK_DUPLICATE_COLUMNS_H

#include "engine/column_statistics.h"

typedef struct duplicate_columns {
    size_t count;         /* columns that repeat an earlier one */
    size_t column, of;    /* the first of them, and the one that it repeats */
    double factor, shift; /* column = factor * of + shift */
} duplicate_columns;

/*
 * Looks at all cases of checked data, whose columns have these statistics. Columns that may agree by chance,
 * since they hardly vary, do not count. False when there is no memory.
 */
bool bpi_find_duplicate_columns(const bp_allocator *allocator, const bp_data *data,
                                const column_statistics *columns, duplicate_columns *found);

#endif
