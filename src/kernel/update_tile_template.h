/* Tiles of a gradient whose weights are updated by momentum from the registers, without storing it first. */
#ifndef BPI_KERNEL_UPDATE_TILE_TEMPLATE_H
#define BPI_KERNEL_UPDATE_TILE_TEMPLATE_H

#include "kernel/elementwise_template.h"
#include "kernel/microkernel_template.h"

/* Computes tiles of whole vectors of a gradient, and updates its weights by momentum from the registers.
 * `vectors` is a constant in all calls. */
BPI_INLINE void multiply_with_momentum(const tile *from, size_t vectors, const weight_update *update,
                                       size_t offset, size_t stride)
{
    const tile here = *from, *const t = &here; /* copies, so that no store can alias them */
    const weight_update rule = *update;
    const bp_real *a = t->a, *b = t->b;
    vec sum[BPI_TILE_ROWS][BPI_TILE_VECTORS];
    tile_begin(t, BPI_TILE_ROWS, vectors, sum);
    tile_steps(t, BPI_TILE_ROWS, vectors, t->k, &a, &b, sum);
    BPI_UNROLL
    for (size_t i = 0; i < BPI_TILE_ROWS; i++) {
        BPI_UNROLL
        for (size_t v = 0; v < vectors; v++)
            update_lanes(&rule, offset + i * stride + v * BPI_LANES, sum[i][v] * rule.gradient_factor,
                         BPI_LANES);
    }
}

/* A whole tile or, where vectors are long, half of one. */
static void momentum_tile(const tile *t, bool is_whole, const weight_update *rule, size_t offset,
                          size_t stride)
{
    if (is_whole)
        multiply_with_momentum(t, BPI_TILE_VECTORS, rule, offset, stride);
#if BPI_TILE_VECTORS == 4
    else
        multiply_with_momentum(t, BPI_TILE_VECTORS / 2, rule, offset, stride);
#endif
}

/* Can the gradient of so many columns update its weights by momentum so? */
static bool has_momentum_tile(const matrix_product *product, size_t columns)
{
    return product->epilogue.update.rule.kind == KERNEL_MOMENTUM &&
           (columns == BPI_TILE_COLUMNS || (BPI_TILE_VECTORS == 4 && columns == BPI_TILE_COLUMNS / 2));
}

#endif
