/*
 * Products that read their matrix once: with one case, or so few units that whole rows are better multiplied
 * with each other than spread out. Nothing is packed; what matters is that the weights are read in the order
 * of memory, with enough independent sums to keep loads in flight.
 */
#ifndef BPI_KERNEL_SINGLE_TEMPLATE_H
#define BPI_KERNEL_SINGLE_TEMPLATE_H

#include "kernel/tile_template.h"

/* part[i][j] += row i of a times row j of b, for up to a vector of values. */
BPI_INLINE void add_products(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b,
                             size_t b_stride, size_t columns, size_t lanes, vec part[])
{
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++) {
        vec a_part = load_last(a + i * a_stride, lanes);
        BPI_UNROLL
        for (size_t j = 0; j < columns; j++)
            part[i * columns + j] += a_part * load_last(b + j * b_stride, lanes);
    }
}

/* sum[i][j] of rows x columns = row i of a times row j of b, k values each; 16 sums at most. */
BPI_INLINE void dot_products(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b,
                             size_t b_stride, size_t columns, size_t k, bp_real sum[])
{
    vec part[16] = {{0}};
    size_t p = 0;
    for (; p + BPI_LANES <= k; p += BPI_LANES)
        add_products(a + p, a_stride, rows, b + p, b_stride, columns, BPI_LANES, part);
    if (p < k)
        add_products(a + p, a_stride, rows, b + p, b_stride, columns, k - p, part);
    BPI_UNROLL
    for (size_t i = 0; i < rows * columns; i++)
        sum[i] = sum_of_lanes(part[i]);
}

/* Eight rows of a with one of b, and what is left one by one. */
static void dots_with_one(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b, size_t k,
                          bp_real sum[])
{
    size_t i = 0;
    for (; i + 8 <= rows; i += 8)
        dot_products(a + i * a_stride, a_stride, 8, b, 0, 1, k, sum + i);
    for (; i < rows; i++)
        dot_products(a + i * a_stride, a_stride, 1, b, 0, 1, k, sum + i);
}

/* few_dots[columns - 1]: FEW_ROWS rows of a with up to four of b. */
enum { FEW_ROWS = BPI_TILE_VECTORS, FEW_COLUMNS = 4 };
#define BPI_DOTS(columns)                                                                                    \
    static void few_dots_##columns(const bp_real *a, size_t a_stride, const bp_real *b, size_t b_stride,     \
                                   size_t k, bp_real sum[])                                                  \
    {                                                                                                        \
        dot_products(a, a_stride, FEW_ROWS, b, b_stride, columns, k, sum);                                   \
    }
BPI_DOTS(1)
BPI_DOTS(2)
BPI_DOTS(3)
BPI_DOTS(4)
static void (*const few_dots[FEW_COLUMNS])(const bp_real *, size_t, const bp_real *, size_t, size_t,
                                           bp_real[]) = {few_dots_1, few_dots_2, few_dots_3, few_dots_4};

/* out[i] (+)= sum over `rows` rows of factor[row] * b[row][i] */
BPI_INLINE void add_rows_together(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride,
                                  size_t columns, bp_real *out, bool accumulate)
{
    for (size_t i = 0; i < columns; i += BPI_LANES) {
        size_t lanes = columns - i < BPI_LANES ? columns - i : BPI_LANES;
        vec sum = accumulate ? load_lanes(out + i, lanes) : (vec){0};
        BPI_UNROLL
        for (size_t row = 0; row < rows; row++)
            sum += factor[row] * load_lanes(b + row * b_stride + i, lanes);
        store_lanes(out + i, sum, lanes);
    }
}

/* The same for any number of rows, four at a time. */
static void add_rows(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride, size_t columns,
                     bp_real *out, bool accumulate)
{
    size_t row = 0;
    for (; row + 4 <= rows; row += 4, accumulate = true)
        add_rows_together(4, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
    for (; row < rows; row++, accumulate = true)
        add_rows_together(1, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
}

#endif
