/*
 * The three matrix products of kernel.h. product_forward, product_backward and product_weights choose by m, n
 * and k between matrix times matrix (gemm_template.h), which forward products of a single block from panels
 * do without its preparations, and matrix times vector and other products with few rows or columns
 * (gemv_template.h); for the gradient of a single case weights_of_one_case also looks at the epilogue.
 */
#ifndef BPI_KERNEL_PRODUCT_TEMPLATE_H
#define BPI_KERNEL_PRODUCT_TEMPLATE_H

#include "kernel/gemm_template.h"
#include "kernel/gemv_template.h"

enum { DOTS_MIN_TERMS = 4 * BPI_LANES }; /* from so many terms on, dot products are faster than tiles */

static void forward_from_sums(const matrix_product *product, const bp_real *sums)
{
    const bp_real *start = product->accumulate ? product->c : product->bias;
    for (size_t j = 0; j < product->n; j += BPI_LANES) {
        size_t lanes = bpi_min(product->n - j, BPI_LANES);
        vec value = load_lanes(sums + j, lanes);
        if (start != NULL)
            value += load_lanes(start + j, lanes);
        store_lanes(product->c + j, value, lanes);
    }
    finish_rows(product, 0, 1, 0, product->n);
}

static void forward_one(const matrix_product *product)
{
    gemv(product->b, product->b_stride, product->n, product->a, product->k, product->scratch);
    forward_from_sums(product, product->scratch);
}

/* The same for a few rows of a few sums. */
static void finish_few_sums(const matrix_product *product, size_t row, size_t rows, const bp_real *sum)
{
    for (size_t i = row; i < row + rows; i++) {
        bp_real *c = product->c + i * product->c_stride;
        const bp_real *start = product->accumulate ? c : product->bias;
        for (size_t j = 0; j < product->n; j++)
            c[j] = *sum++ + (start ? start[j] : 0);
    }
    finish_rows(product, row, rows, 0, product->n);
}

/* Dot products, DOT_TILE_ROWS rows at a time. The last rows are computed together with some before them,
 * which are computed twice; with fewer rows in all, each row by itself is repeated. */
static void forward_few_units(const matrix_product *product)
{
    bp_real sum[DOT_TILE_ROWS * DOT_TILE_MAX_COLUMNS];
    for (size_t row = 0, rows; row < product->m; row += rows) {
        size_t first = row, stride = product->a_stride;
        rows = DOT_TILE_ROWS;
        if (product->m < DOT_TILE_ROWS) {
            rows = 1;
            stride = 0;
        } else if (product->m - row < DOT_TILE_ROWS) {
            rows = product->m - row;
            first = product->m - DOT_TILE_ROWS;
        }
        dot_tiles[product->n - 1](product->a + first * product->a_stride, stride, product->b,
                                  product->b_stride, product->k, sum);
        finish_few_sums(product, row, rows, sum + (row - first) * product->n);
    }
}

/* Layers whose units are multiplied by whole rows. */
static bool has_few_units(size_t n, size_t k)
{
    return n <= DOT_TILE_MAX_COLUMNS && k >= DOTS_MIN_TERMS;
}

static size_t panel_values(size_t n, size_t k)
{
    return has_few_units(n, k) ? 0 : whole_vectors(n) * k;
}

static void make_panels(size_t n, size_t k, const bp_real *b, size_t b_stride, bp_real *panels)
{
    for (size_t column = 0; column < n; column += BPI_TILE_COLUMNS) {
        const size_t columns = bpi_min(n - column, BPI_TILE_COLUMNS);
        transpose(b + column * b_stride, b_stride, columns, k, panels + column * k, whole_vectors(columns));
    }
}

/* Is it a forward product of a single block whose B is in panels, with new sums? */
static bool is_one_block_of_panels(const matrix_product *product)
{
    return product->panels != NULL && !product->accumulate && product->m <= BLOCK_ROWS &&
           product->k <= BLOCK_TERMS;
}

/* Such a product, with the loops that are left of those of multiply: of a few cases, their preparations take
 * as long as the tiles. */
static void multiply_panels(const matrix_product *product)
{
    const bool only_panel = product->n <= BPI_TILE_COLUMNS;
    tile t;
    t.k = product->k;
    t.a_stride = product->a_stride;
    t.a_step = 1;
    t.start_stride = 0;
    t.c_stride = product->c_stride;
    for (size_t column = 0; column < product->n; column += BPI_TILE_COLUMNS) {
        const size_t columns = bpi_min(product->n - column, BPI_TILE_COLUMNS);
        const size_t vectors = (columns + BPI_LANES - 1) / BPI_LANES;
        t.b = product->panels + column * product->k;
        t.b_stride = vectors * BPI_LANES;
        t.start = product->bias ? product->bias + column : zeros;
        t.last_lanes = columns - (vectors - 1) * BPI_LANES;
        for (size_t row = 0, rows; row < product->m; row += rows) {
            rows = tile_rows(product->m - row);
            t.a = product->a + row * product->a_stride;
            t.c = product->c + row * product->c_stride + column;
            tiles[vectors - 1][rows - 1](&t);
            if (!only_panel)
                finish_rows(product, row, rows, column, columns);
        }
    }
    if (only_panel)
        finish_rows(product, 0, product->m, 0, product->n);
}

static void product_forward(const matrix_product *product)
{
    if (product->m == 1)
        forward_one(product);
    else if (has_few_units(product->n, product->k))
        forward_few_units(product);
    else if (is_one_block_of_panels(product))
        multiply_panels(product);
    else
        multiply(product, PRODUCT_FORWARD);
}

static void product_backward(const matrix_product *product)
{
    if (product->m == 1) {
        vector_times_matrix(product->k, product->a, product->b, product->b_stride, product->n, product->c,
                            product->accumulate);
        finish_rows(product, 0, 1, 0, product->n);
    } else
        multiply(product, PRODUCT_BACKWARD);
}

/* A row of the gradient of a single case, delta_j y. */
static void gradient_row(const matrix_product *product, size_t row)
{
    bp_real *c = product->c + row * product->c_stride;
    if (product->n >= BPI_LANES || product->accumulate)
        add_rows_together(1, product->a + row, product->b, 0, product->n, c, product->accumulate);
    else
        for (size_t i = 0; i < product->n; i++)
            c[i] = scalar_multiply_add(product->a[row], product->b[i], 0); /* the bits of the other branch */
}

/* The weights of a single case after its gradient. Dense rows are treated as one long row: short rows would
 * each end in a partial vector. */
static void update_by_gradient(const matrix_product *product)
{
    const product_epilogue *e = &product->epilogue;
    const bool dense = product->c_stride == product->n;
    const size_t rows = dense ? 1 : product->m, count = dense ? product->m * product->n : product->n;
    update_weights(&e->update.rule, 0, product->c_stride, product->c, product->c_stride, rows, count);
    if (e->kind == EPILOGUE_UPDATE_AND_SUMS)
        gemv(e->update.rule.weights, product->c_stride, product->m, e->update.next_y, product->n,
             e->update.next_sums);
}

static void weights_of_one_case(const matrix_product *product)
{
    const weight_update *rule = &product->epilogue.update.rule;
    const bool is_plain = has_update(product) && rule->gradient_factor == 1 && rule->kind == KERNEL_MOMENTUM;
    if (is_plain && !product->accumulate && product->n >= BPI_LANES) {
        update_by_one_case(product);
        return;
    }
    for (size_t i = 0; i < product->m; i++)
        gradient_row(product, i);
    if (has_update(product))
        update_by_gradient(product);
}

static void product_weights(const matrix_product *product)
{
    if (product->k == 1)
        weights_of_one_case(product);
    else if (product->k <= FEW_TERMS && product->n > BPI_TILE_COLUMNS && is_uncached(product))
        multiply_long_rows(product);
    else
        multiply(product, PRODUCT_WEIGHTS);
}

#endif
