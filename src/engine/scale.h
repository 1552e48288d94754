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

/* Scales a row, for a scaling that is set; `to` may be NULL. Are all values finite then? */
bool bpi_scale_row(const kernel_table *kernel, const column_scaling *scaling, size_t first, size_t columns,
                   const bp_real *from, bp_real *to);

/* Scales raw values for the network, and back. The columns of `rows` are those of the scaling from `first`
 * on; their offset and factor are set here. Without a scaling they are copied. */
void bpi_scale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows);
void bpi_unscale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows);

/* Are all values finite after scaling, and so before? For a scaling that is set; nothing is stored. */
bool bpi_scales_to_finite(const kernel_table *kernel, const column_scaling *scaling, size_t first,
                          scaled_rows *rows);

#endif
