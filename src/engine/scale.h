/* Applying a scaling of columns (network/scaling.h) to rows. */
#ifndef BPI_ENGINE_SCALE_H
#define BPI_ENGINE_SCALE_H

#include "kernel/kernel.h"
#include "network/scaling.h"

/* Scales one value, and back. The factor is never 0. */
static inline bp_real bpi_scale_value(bp_real x, bp_real offset, bp_real factor)
{
    return (x - offset) * factor;
}

static inline bp_real bpi_unscale_value(bp_real x, bp_real offset, bp_real factor)
{
    return x / factor + offset;
}

/* Up to so many columns are few: calling a kernel would take longer than a loop. */
enum { BPI_FEW_COLUMNS = 8 };

/* A row of a few columns. Returns x - x of the results, which is 0 if all of them are finite, else NaN. `to`
 * may be NULL. */
static inline bp_real bpi_scale_few(const column_scaling *scaling, size_t first, size_t columns,
                                    const bp_real *from, bp_real *to)
{
    bp_real sum = 0;
    for (size_t i = 0; i < columns; i++) {
        const bp_real scaled =
            bpi_scale_value(from[i], scaling->offset[first + i], scaling->factor[first + i]);
        if (to != NULL)
            to[i] = scaled;
        sum += scaled - scaled;
    }
    return sum;
}

/* Scales raw values for the network, and back. The columns of `rows` are those of the scaling from `first`
 * on; their offset and factor are set here. Without a scaling they are copied. */
void bpi_scale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows);
void bpi_unscale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows);

/* Are all values finite after scaling, and so before? For a scaling that is set; nothing is stored. */
bool bpi_scales_to_finite(const kernel_table *kernel, const column_scaling *scaling, size_t first,
                          scaled_rows *rows);

#endif
