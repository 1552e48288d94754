/* Applying a scaling of columns (network/scaling.h) to rows. */
#ifndef BPI_ENGINE_SCALE_H
#define BPI_ENGINE_SCALE_H

#include "network/scaling.h"

/* Some columns of some cases, from one array to another: `rows` rows of `columns` values, beginning with
 * column `first` of the scaling. to may be from if the strides are the same. */
typedef struct scaled_rows {
    size_t rows, columns, first;
    const bp_real *from;
    size_t from_stride;
    bp_real *to;
    size_t to_stride;
} scaled_rows;

/* Scales one value, and back. The factor is never 0. */
static inline bp_real bpi_scale_value(bp_real x, bp_real offset, bp_real factor)
{
    return (x - offset) * factor;
}

static inline bp_real bpi_unscale_value(bp_real x, bp_real offset, bp_real factor)
{
    return x / factor + offset;
}

/* Scales raw values for the network, and back. Without a scaling they are copied. */
void bpi_scale(const column_scaling *scaling, const scaled_rows *block);
void bpi_unscale(const column_scaling *scaling, const scaled_rows *block);

/* Are the `columns` values of a row finite, before and after scaling? For a scaling that is set. */
bool bpi_scales_to_finite(const column_scaling *scaling, const bp_real *row, size_t columns);

#endif
