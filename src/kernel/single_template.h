/*
 * Products that read their matrix once: with one case, or so few units that whole rows are better multiplied
 * with each other than spread out. Nothing is packed; what matters is that the weights are read in the order
 * of memory, with enough independent sums to keep loads in flight.
 */
#ifndef BPI_KERNEL_SINGLE_TEMPLATE_H
#define BPI_KERNEL_SINGLE_TEMPLATE_H

#include "kernel/vector.h"

/* sum[i][j] of rows x columns = row i of a times row j of b, k values each; eight sums at a time at most. */
BPI_INLINE void dot_products(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b,
                             size_t b_stride, size_t columns, size_t k, bp_real sum[])
{
    vec part[8] = {{0}};
    for (size_t p = 0; p < k; p += BPI_LANES) {
        size_t lanes = k - p < BPI_LANES ? k - p : BPI_LANES;
        BPI_UNROLL
        for (size_t i = 0; i < rows; i++) {
            vec a_part = load_lanes(a + i * a_stride + p, lanes);
            BPI_UNROLL
            for (size_t j = 0; j < columns; j++)
                part[i * columns + j] += a_part * load_lanes(b + j * b_stride + p, lanes);
        }
    }
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

/* out[i] (+)= sum over the rows of factor[row] * b[row][i]: four rows at a time, from left to right. */
static void add_rows(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride, size_t columns,
                     bp_real *out, bool accumulate)
{
    for (size_t row = 0; row < rows; row += 4) {
        size_t together = rows - row < 4 ? rows - row : 4;
        for (size_t i = 0; i < columns; i += BPI_LANES) {
            size_t lanes = columns - i < BPI_LANES ? columns - i : BPI_LANES;
            vec sum = accumulate || row > 0 ? load_lanes(out + i, lanes) : (vec){0};
            for (size_t r = 0; r < together; r++)
                sum += factor[row + r] * load_lanes(b + (row + r) * b_stride + i, lanes);
            store_lanes(out + i, sum, lanes);
        }
    }
}

/* out[j] (+)= factor * b[j] */
static void add_multiple(bp_real factor, const bp_real *b, size_t columns, bp_real *out, bool accumulate)
{
    for (size_t i = 0; i < columns; i += BPI_LANES) {
        size_t lanes = columns - i < BPI_LANES ? columns - i : BPI_LANES;
        vec value = factor * load_lanes(b + i, lanes);
        store_lanes(out + i, accumulate ? load_lanes(out + i, lanes) + value : value, lanes);
    }
}

#endif
