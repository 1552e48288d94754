/*
 * Products that read their matrix once: with one case, or so few units that whole rows are better multiplied
 * with each other than spread out. Nothing is packed; what matters is that the weights are read in the order
 * of memory, with enough independent sums to keep loads in flight.
 */
#ifndef BPI_KERNEL_GEMV_TEMPLATE_H
#define BPI_KERNEL_GEMV_TEMPLATE_H

#include "kernel/microkernel_template.h"
#include "kernel/update_template.h"

/* part[i][j] += row i of a times row j of b, for up to a vector of values. */
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

/*
 * One case: sum[i] = row i of a times b. The sum of a row runs in two halves, of its even and of its odd
 * vectors, since one would wait for itself where a row is alone (update_row_by_case).
 */
BPI_INLINE void dots_of_case(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b, size_t k,
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

static void dots_with_one(const bp_real *a, size_t a_stride, size_t rows, const bp_real *b, size_t k,
                          bp_real sum[])
{
    size_t i = 0;
    for (; i + 4 <= rows; i += 4)
        dots_of_case(a + i * a_stride, a_stride, 4, b, k, sum + i);
    for (; i < rows; i++)
        dots_of_case(a + i * a_stride, a_stride, 1, b, k, sum + i);
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

/* out[i] (+)= sum over `rows` rows of factor[row] * b[row][i], for up to a vector of values. */
BPI_INLINE void add_part_of_rows(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride,
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
        add_part_of_rows(rows, factor, b + i, b_stride, BPI_LANES, out + i, accumulate);
    if (i < columns)
        add_part_of_rows(rows, factor, b + i, b_stride, columns - i, out + i, accumulate);
}

/* The same for any number of rows, eight at a time. */
static void add_rows(size_t rows, const bp_real *factor, const bp_real *b, size_t b_stride, size_t columns,
                     bp_real *out, bool accumulate)
{
    size_t row = 0;
    for (; row + 8 <= rows; row += 8, accumulate = true)
        add_rows_together(8, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
    for (; row < rows; row++, accumulate = true)
        add_rows_together(1, factor + row, b + row * b_stride, b_stride, columns, out, accumulate);
}

/*
 * One case, eq. 6 and 9: the weights are updated by delta_j y and multiplied with the next case's y, in the
 * order of dots_of_case. Reading the weights once for both is most of what a case can save.
 */
BPI_INLINE vec update_part(const sgd_update *rule, size_t offset, bp_real delta, const bp_real *y,
                           const bp_real *next_y, vec sum)
{
    return multiply_add(update_lanes(rule, offset, delta * load(y), BPI_LANES), load(next_y), sum);
}

static bp_real update_row_by_case(const sgd_update *whole, size_t row, bp_real delta, const bp_real *y,
                                  const bp_real *next_y, size_t count)
{
    const sgd_update rule = *whole; /* nothing that is stored can change it */
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
        /* Behind the row's end an infinite delta makes NaN. */
        const vec inside = (vec)((mask_vec)end.weight & first_lanes(lanes));
        odd = multiply_add(inside, load_first(next_y + i, lanes), odd);
        update_last_vector(&rule, row + last, delta * load(y + last), before);
    }
    return sum_of_lanes(even + odd);
}

/* Rows of at least a vector. */
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
