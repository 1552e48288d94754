#include "engine/scale.h"

#include "base/rows.h"

static void copy(const scaled_rows *rows)
{
    bpi_copy_rows(rows->to, rows->to_stride, rows->from, rows->from_stride, rows->rows, rows->columns);
}

static void set_scaling(scaled_rows *rows, const column_scaling *scaling, size_t first)
{
    rows->offset = scaling->offset + first;
    rows->factor = scaling->factor + first;
}

bool bpi_scale_row(const kernel_table *kernel, const column_scaling *scaling, size_t first, size_t columns,
                   const bp_real *from, bp_real *to)
{
    const bp_real *offset = scaling->offset + first, *factor = scaling->factor + first;
    bp_real sum = 0; /* or NaN, if a value is not finite */
    if (columns > BPI_FEW_COLUMNS)
        return kernel->scale(&(scaled_rows){
            .rows = 1, .columns = columns, .offset = offset, .factor = factor, .from = from, .to = to});
    for (size_t i = 0; i < columns; i++) {
        const bp_real scaled = bpi_scale_value(from[i], offset[i], factor[i]);
        if (to != NULL)
            to[i] = scaled;
        sum += scaled - scaled;
    }
    return sum == 0;
}

void bpi_scale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy(rows);
        return;
    }
    set_scaling(rows, scaling, first);
    kernel->scale(rows);
}

void bpi_unscale(const kernel_table *kernel, const column_scaling *scaling, size_t first, scaled_rows *rows)
{
    if (!bpi_scaling_is_set(scaling)) {
        copy(rows);
        return;
    }
    set_scaling(rows, scaling, first);
    kernel->unscale(rows);
}

bool bpi_scales_to_finite(const kernel_table *kernel, const column_scaling *scaling, size_t first,
                          scaled_rows *rows)
{
    set_scaling(rows, scaling, first);
    rows->to = NULL;
    return kernel->scale(rows);
}
