/* Columns scaled, and back; the last columns of a row, which do not fill a vector, by masked vectors. */
#ifndef BPI_KERNEL_SCALE_TEMPLATE_H
#define BPI_KERNEL_SCALE_TEMPLATE_H

#include "kernel/math_template.h"

/* Some columns of a row; returns x - x of the results, which is 0 for finite x, else NaN. */
BPI_INLINE vec scale_lanes(const bp_real *from, const bp_real *offset, const bp_real *factor, bp_real *to,
                           size_t lanes)
{
    const vec scaled = (load_lanes(from, lanes) - load_lanes(offset, lanes)) * load_lanes(factor, lanes);
    if (to != NULL)
        store_lanes(to, scaled, lanes);
    return scaled - scaled;
}

BPI_INLINE vec scale_row(const bp_real *from, const bp_real *offset, const bp_real *factor, bp_real *to,
                         size_t columns)
{
    vec sum = {0};
    size_t i = 0;
    for (; i + BPI_LANES <= columns; i += BPI_LANES)
        sum += scale_lanes(from + i, offset + i, factor + i, to == NULL ? NULL : to + i, BPI_LANES);
    if (i < columns)
        sum += scale_lanes(from + i, offset + i, factor + i, to == NULL ? NULL : to + i, columns - i);
    return sum;
}

static bool scale(const scaled_rows *r)
{
    const bp_real *from = r->from;
    bp_real *to = r->to;
    vec sum = {0};
    for (size_t row = 0; row < r->rows; row++, from += r->from_stride) {
        sum += scale_row(from, r->offset, r->factor, to, r->columns);
        to = to == NULL ? NULL : to + r->to_stride;
    }
    return sum_of_lanes(sum) == 0;
}

/* Lanes that are not used are divided by 1. */
BPI_INLINE void unscale_lanes(const bp_real *from, const bp_real *offset, const bp_real *factor, bp_real *to,
                              size_t lanes)
{
    const vec divisor = choose(first_lanes(lanes), load_lanes(factor, lanes), splat(1));
    store_lanes(to, load_lanes(from, lanes) / divisor + load_lanes(offset, lanes), lanes);
}

static void unscale(const scaled_rows *r)
{
    const bp_real *from = r->from, *offset = r->offset, *factor = r->factor;
    const size_t columns = r->columns;
    bp_real *to = r->to;
    for (size_t row = 0; row < r->rows; row++, from += r->from_stride, to += r->to_stride) {
        size_t i = 0;
        for (; i + BPI_LANES <= columns; i += BPI_LANES)
            unscale_lanes(from + i, offset + i, factor + i, to + i, BPI_LANES);
        if (i < columns)
            unscale_lanes(from + i, offset + i, factor + i, to + i, columns - i);
    }
}

#endif
