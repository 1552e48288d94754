#include "engine/scale.h"

#include "base/rows.h"

static void copy(const scaled_rows *block)
{
    bpi_copy_rows(block->to, block->to_stride, block->from, block->from_stride, block->rows, block->columns);
}

void bpi_scale(const column_scaling *scaling, const scaled_rows *block)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy(block);
        return;
    }
    const bp_real *offset = scaling->offset + block->first, *factor = scaling->factor + block->first;
    for (size_t row = 0; row < block->rows; row++) {
        const bp_real *from = block->from + row * block->from_stride;
        bp_real *to = block->to + row * block->to_stride;
        for (size_t i = 0; i < block->columns; i++)
            to[i] = bpi_scale_value(from[i], offset[i], factor[i]);
    }
}

void bpi_unscale(const column_scaling *scaling, const scaled_rows *block)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy(block);
        return;
    }
    const bp_real *offset = scaling->offset + block->first, *factor = scaling->factor + block->first;
    for (size_t row = 0; row < block->rows; row++) {
        const bp_real *from = block->from + row * block->from_stride;
        bp_real *to = block->to + row * block->to_stride;
        for (size_t i = 0; i < block->columns; i++)
            to[i] = bpi_unscale_value(from[i], offset[i], factor[i]);
    }
}

bool bpi_scales_to_finite(const column_scaling *scaling, const bp_real *row, size_t columns)
{
    int wrong = 0;
    for (size_t i = 0; i < columns; i++) {
        /* A factor is never 0, so NaN and infinity stay what they are; v - v is 0 only for finite v. */
        bp_real v = bpi_scale_value(row[i], scaling->offset[i], scaling->factor[i]);
        wrong |= !(v - v == 0);
    }
    return !wrong;
}
