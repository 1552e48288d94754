/* Scaling of columns: x' = (x - offset) * factor on the way in, x = x' / factor + offset on the way out. */
#ifndef BPI_MODEL_SCALING_H
#define BPI_MODEL_SCALING_H

#include "model/network.h"

/*
 * Some columns of some cases on their way in or out: `rows` rows of `columns` values. The first of them
 * belongs to the scaling's column `first`. to may be from if the strides are the same.
 */
typedef struct scaled_rows {
    size_t rows, columns, first;
    const bp_real *from;
    size_t from_stride;
    bp_real *to;
    size_t to_stride;
} scaled_rows;

/* Is any column changed by it? If not, the caller's values can be used where they are. */
static inline bool bpi_scaling_is_set(const column_scaling *scaling)
{
    return scaling->factor != NULL;
}

/* Raw values into the range the network works in, and back. Without a scaling they are copied. */
void bpi_scale(const column_scaling *scaling, const scaled_rows *block);
void bpi_unscale(const column_scaling *scaling, const scaled_rows *block);

/* Are the `columns` values of a row, and what scaling makes of them, all finite? For a scaling that is set.
 */
bool bpi_scales_to_finite(const column_scaling *scaling, const bp_real *row, size_t columns);

/* *copy (empty) = scaling, of `columns` columns, `times` times side by side (>= 1). False, and still empty,
 * when there is no memory. */
bool bpi_scaling_copy(const bp_allocator *allocator, column_scaling *copy, const column_scaling *scaling,
                      size_t columns, size_t times);

/* Releases its memory; it is then empty. */
void bpi_scaling_clear(const bp_allocator *allocator, column_scaling *scaling);

#endif
