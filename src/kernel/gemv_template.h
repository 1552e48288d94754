/*
 * Products whose matrix of weights is read once, so that packing would not pay: matrix times vector (GEMV)
 * for a single case, and a few dot products per row for layers of very few units. They are limited by memory
 * bandwidth: weights are read in the order of memory, with enough independent sums to keep many loads in
 * flight.
 */
#ifndef BPI_KERNEL_GEMV_TEMPLATE_H
#define BPI_KERNEL_GEMV_TEMPLATE_H

#include "kernel/microkernel_template.h"
#include "kernel/update_template.h"

/* part[i][j] += row i of a times row j of b, lane by lane, for up to a vector of terms. */
BPI_INLINE void add_products(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b,
                             size_t b_stride, size_t columns, size_t lanes, vec part[])
{
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++) {
        vec a_part = load_last(a + i * a_stride, lanes);
        BPI_UNROLL
        for (size_t j = 0; j < columns; j++) {
            vec *sum = &part[i * columns + j];
            *sum = multiply_add(a_part, load_last(b + j * b_stride, lanes), *sum);
        }
    }
}

/* sum[i][j], rows x columns, = dot product of row i of a and row j of b, k terms each; at most 16 sums. */
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

/*
 * sum[i] = dot product of row i of a and the vector b; `rows` <= 4 is a constant. Each sum has two
 * accumulators, for the even and the odd vectors: with one, the latency of a multiply-add would limit a
 * single row (update_row_by_case).
 */
BPI_INLINE void gemv_rows(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b, size_t k,
                          bp_real sum[])
{
    vec even[4] = {{0}}, odd[4] = {{0}};
    size_t p = 0;
    for (; p + 2 * BPI_LANES <= k; p += 2 * BPI_LANES) {
        add_products(a + p, a_stride, rows, b + p, 0, 1, BPI_LANES, even);
        add_products(a + p + BPI_LANES, a_stride, rows, b + p + BPI_LANES, 0, 1, BPI_LANES, odd);
    }
    if (p + BPI_LANES <= k) {
        add_products(a + p, a_stride, rows, b + p, 0, 1, BPI_LANES, even);
        p += BPI_LANES;
    }
    if (p < k)
        add_products(a + p, a_stride, rows, b + p, 0, 1, k - p, odd);
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        even[i] += odd[i];
    sum_lanes_of_each(even, rows, sum);
}

/* Matrix times vector. */
static void gemv(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b, size_t k, bp_real sum[])
{
    size_t i = 0;
    for (; i + 4 <= rows; i += 4)
        gemv_rows(a + i * a_stride, a_stride, 4, b, k, sum + i);
    for (; i < rows; i++)
        gemv_rows(a + i * a_stride, a_stride, 1, b, k, sum + i);
}

/* dot_tiles[columns - 1]: dot products of DOT_TILE_ROWS rows of a and `columns` rows of b. */
enum { DOT_TILE_ROWS = BPI_TILE_VECTORS, DOT_TILE_MAX_COLUMNS = 4 };
#define BPI_DOT_TILE(columns)                                                                                \
    static void dot_tile_##columns(const bp_real *a, size_t a_stride, const bp_real *b, size_t b_stride,     \
                                   size_t k, bp_real sum[])                                                  \
    {                                                                                                        \
        dot_products(a, a_stride, DOT_TILE_ROWS, b, b_stride, columns, k, sum);                              \
    }
BPI_DOT_TILE(1)
BPI_DOT_TILE(2)
BPI_DOT_TILE(3)
BPI_DOT_TILE(4)
static void (*const dot_tiles[DOT_TILE_MAX_COLUMNS])(const bp_real *, size_t, const bp_real *, size_t, size_t,
                                                     bp_real[]) = {dot_tile_1, dot_tile_2, dot_tile_3,
                                                                   dot_tile_4};

/* out[i] = sum over `rows` rows of factor[row] * b[row][i], for up to a vector of columns; added to out if
 * accumulate. */
BPI_INLINE void add_vector_of_rows(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride,
                                   size_t lanes, bp_real *out, bool accumulate)
{
    vec sum = accumulate ? load_last(out, lanes) : (vec){0};
    BPI_UNROLL
    for (size_t row = 0; row < rows; row++)
        sum = multiply_add(splat(factor[row]), load_last(b + row * b_stride, lanes), sum);
    store_last(out, sum, lanes);
}

BPI_INLINE void add_rows_together(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride,
                                  size_t columns, bp_real *out, bool accumulate)
{
    size_t i = 0;
    for (; i + BPI_LANES <= columns; i += BPI_LANES)
        add_vector_of_rows(rows, factor, b + i, b_stride, BPI_LANES, out + i, accumulate);
    if (i < columns)
        add_vector_of_rows(rows, factor, b + i, b_stride, columns - i, out + i, accumulate);
}

/* The same for any number of rows, eight at a time: vector times matrix. */
static void vector_times_matrix(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride,
                                size_t columns, bp_real *out, bool accumulate)
{
    size_t row = 0;
    for (; row + 8 <= rows; row += 8, accumulate = true)
        add_rows_together(8, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
    for (; row < rows; row++, accumulate = true)
        add_rows_together(1, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
}

/*
 * A single case, eq. 6 and 9: the weights are updated by the gradient delta_j y and at once multiplied by the
 * next case's y, in the order of gemv_rows. Both need the weights, which are thus read from memory once.
 */
BPI_INLINE vec update_part(const weight_update *rule, size_t offset, bp_real delta, const bp_real *y,
                           const bp_real *next_y, vec sum)
{
    return multiply_add(update_lanes(rule, offset, delta * load(y), BPI_LANES), load(next_y), sum);
}

static bp_real update_row_by_case(const weight_update *whole, size_t row, bp_real delta, const bp_real *y,
                                  const bp_real *next_y, size_t count)
{
    const weight_update rule = *whole; /* a copy, so that no store can alias it */
    const size_t last = count - BPI_LANES;
    const weight_values before = load_last_vector(&rule, row, count);
    vec even = {0}, odd = {0};
    size_t i = 0;
    for (; i + 2 * BPI_LANES <= count; i += 2 * BPI_LANES) {
        const size_t j = i + BPI_LANES;
        even = update_part(&rule, row + i, delta, y + i, next_y + i, even);
        odd = update_part(&rule, row + j, delta, y + j, next_y + j, odd);
    }
    if (i + BPI_LANES <= count) {
        even = update_part(&rule, row + i, delta, y + i, next_y + i, even);
        i += BPI_LANES;
    }
    if (i < count) {
        const size_t lanes = count - i;
        const weight_values end =
            next_values(&rule, load_values(&rule, row + i, lanes), delta * load_first(y + i, lanes));
        /* Lanes beyond the end of the row are cleared: an infinite delta makes them NaN. */
        const vec inside = (vec)((mask_vec)end.weight & first_lanes(lanes));
        odd = multiply_add(inside, load_first(next_y + i, lanes), odd);
        update_last_vector(&rule, row + last, delta * load(y + last), before);
    }
    return sum_of_lanes(even + odd);
}

/* For rows of at least a vector. */
static void update_by_one_case(const matrix_product *p)
{
    const product_epilogue *e = &p->epilogue;
    const bool with_sums = e->kind == EPILOGUE_UPDATE_AND_SUMS;
    for (size_t i = 0; i < p->m; i++) {
        bp_real sum = update_row_by_case(&e->update.rule, i * p->c_stride, p->a[i], p->b,
                                         with_sums ? e->update.next_y : p->b, p->n);
        if (with_sums)
            e->update.next_sums[i] = sum;
    }
}

#endif
