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
