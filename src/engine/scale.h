/* Applying the scaling of columns (network/scaling.h) to the rows of a block. */
#ifndef BPI_ENGINE_SCALE_H
#define BPI_ENGINE_SCALE_H

#include "network/scaling.h"

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

/* One value on its way in, and back. The factor is never 0. */
static inline bp_real bpi_scale_value(bp_real x, bp_real offset, bp_real factor)
{
    return (x - offset) * factor;
}

static inline bp_real bpi_unscale_value(bp_real x, bp_real offset, bp_real factor)
{
    return x / factor + offset;
}

/* Raw values into the range the network works in, and back. Without a scaling they are copied. */
void bpi_scale(const column_scaling *scaling, const scaled_rows *block);
void bpi_unscale(const column_scaling *scaling, const scaled_rows *block);

/* Are the `columns` values of a row, and what scaling makes of them, all finite? For a scaling that is set.
 */
bool bpi_scales_to_finite(const column_scaling *scaling, const bp_real *row, size_t columns);

#endif
