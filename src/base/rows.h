/* Rows of numbers, some distance (stride) apart. */
#ifndef BPI_BASE_ROWS_H
#define BPI_BASE_ROWS_H

#include <string.h>

#include "backprop.h"

/* Copies `rows` rows of `columns` values. to may be from if the strides are the same. */
static inline void bpi_copy_rows(bp_real *to, size_t to_stride, const bp_real *from, size_t from_stride,
                                 size_t rows, size_t columns)
{
    for (size_t row = 0; row < rows; row++)
        memmove(to + row * to_stride, from + row * from_stride, columns * sizeof *to);
}

#endif
