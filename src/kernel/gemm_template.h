/*
 * The three matrix products of kernel.h from tiles, panels and the short ways of single_template.h. Which way
 * a product goes is decided at the top of each of the three functions at the end, from its sizes and, for the
 * weights' product of a single case (weights_of_one_case), from what becomes of the gradient.
 *
 * The long way cuts the product into blocks, so that what is used again soon is still in a cache:
 *
 *     for each block of up to BLOCK_ROWS rows of C          its rows of A stay in the second-level cache
 *         for each block of up to BLOCK_TERMS terms         the sums go on where the last block left them
 *             for each panel of B                           packed once, and used by
 *                 for each tile of the panel                every row of the block
 *
 * A is read where it stands. In the weights' product a row of A is a column in memory, and where these values
 * do not all lie in the first-level cache A is transposed into scratch. With the last block of terms each
 * tile is finished, activation or slope included, while it is still in the first-level cache; narrow
 * products, which have but one panel, all rows at once. A gradient that changes the weights is not stored at
 * all where one block has all terms: each tile is made in the same small place and used up there.
 */
#ifndef BPI_KERNEL_GEMM_TEMPLATE_H
#define BPI_KERNEL_GEMM_TEMPLATE_H

#include "kernel/elementwise_template.h"
#include "kernel/gemv_template.h"
#include "kernel/microkernel_template.h"
#include "kernel/pack_template.h"

enum {
    BLOCK_ROWS = 44 * BPI_TILE_ROWS,
    BLOCK_TERMS = 2048 / sizeof(bp_real), /* 64 columns of floats: a panel of 128 KiB */
    ROWS_IN_PLACE =
        2 * BPI_TILE_COLUMNS,   /* so few do not pay for copying a panel, the less the wider its rows */
    MANY_TERMS = 4 * BPI_LANES, /* so many make it worth while to multiply whole rows */
    NEAR_DELTAS =
        (1 << 15) / sizeof(bp_real), /* so many, as they stand in memory, lie in the first-level cache */
    NEAR_WEIGHTS =
        (1 << 20) / (2 * sizeof(bp_real)) /* so many and their changes lie in the second-level cache */
};

typedef enum product_kind { FORWARD, BACKWARD, WEIGHTS } product_kind;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t whole_vectors(size_t count)
{
    return (count + BPI_LANES - 1) / BPI_LANES * BPI_LANES;
}

/* The length of equal pieces of `total`, as few as can be, none longer than most; a multiple of `unit`. */
static size_t piece(size_t total, size_t most, size_t unit)
{
    size_t pieces = (total + most - 1) / most;
    size_t length = (total + pieces - 1) / pieces;
    return (length + unit - 1) / unit * unit;
}

/* Room for a transposed block of A and a panel of B, or for the sums of a single row. The sizes trade places
 * from product to product. */
static size_t product_scratch(size_t m, size_t n, size_t k)
{
    size_t greatest = m > n ? m : n;
    greatest = k > greatest ? k : greatest;
    size_t rows = whole_vectors(least(greatest, BLOCK_ROWS) + BPI_TILE_ROWS),
           terms = whole_vectors(least(greatest, BLOCK_TERMS));
    size_t blocks = (rows + BPI_TILE_COLUMNS) * terms, sums = whole_vectors(greatest);
    return blocks > sums ? blocks : sums;
}

/* to[i][j] = from[i][j], for the columns rounded up to whole vectors. */
static void copy_rows(const bp_real *from, size_t from_stride, size_t rows, size_t columns, bp_real *to,
                      size_t to_stride)
{
    size_t whole = columns - columns % BPI_LANES;
    for (size_t i = 0; i < rows; i++, from += from_stride, to += to_stride) {
        for (size_t j = 0; j < whole; j += BPI_LANES)
            store(to + j, load(from + j));
        if (whole < columns)
            store(to + whole, load_first(from + whole, columns - whole));
    }
}

/* A block of the product: rows row .. row + rows of C, terms term .. term + terms of their sums. */
typedef struct block {
    const matrix_product *product;
    product_kind kind;
    size_t row, rows, term, terms;
    const bp_real *a; /* its rows of A, of `terms` values */
    size_t a_stride, a_step;
    bp_real *panel; /* room for one */
} block;

static void prepare_a(block *b)
{
    const matrix_product *product = b->product;
    bp_real *scratch = product->scratch;
    b->a_step = 1;
    if (b->kind == WEIGHTS && b->terms * product->a_stride <= NEAR_DELTAS) {
        b->a = product->a + b->term * product->a_stride + b->row;
        b->a_stride = 1;
        b->a_step = product->a_stride;
    } else if (b->kind == WEIGHTS) {
        b->a_stride = whole_vectors(b->terms);
        transpose(product->a + b->term * product->a_stride + b->row, product->a_stride, b->terms, b->rows,
                  scratch, b->a_stride);
        b->a = scratch;
        scratch += whole_vectors(b->rows * b->a_stride);
    } else {
        b->a = product->a + b->row * product->a_stride + b->term;
        b->a_stride = product->a_stride;
    }
    b->panel = scratch;
}

/* The panel that begins at `column`; a whole one that few rows use is read where it stands. */
static const bp_real *prepare_panel(const block *b, size_t column, size_t columns, size_t *stride)
{
    const matrix_product *product = b->product;
    *stride = whole_vectors(columns);
    if (b->kind == FORWARD) {
        transpose(product->b + column * product->b_stride + b->term, product->b_stride, columns, b->terms,
                  b->panel, *stride);
        return b->panel;
    }
    const bp_real *from = product->b + b->term * product->b_stride + column;
    if (product->m <= ROWS_IN_PLACE && columns == *stride) {
        *stride = product->b_stride;
        return from;
    }
    copy_rows(from, product->b_stride, b->terms, columns, b->panel, *stride);
    return b->panel;
}

static void activate_rows(const matrix_product *product, size_t row, size_t rows, size_t column,
                          size_t columns)
{
    bp_real *c = product->c + row * product->c_stride + column;
    for (size_t i = 0; i < rows; i++, c += product->c_stride)
        activate(product->epilogue.activation, c, c, columns);
}

static void multiply_slopes(const matrix_product *product, size_t row, size_t rows, size_t column,
                            size_t columns)
{
    const product_epilogue *e = &product->epilogue;
    bp_real *c = product->c + row * product->c_stride + column;
    const bp_real *y = e->slope.y + row * e->slope.y_stride + column;
    for (size_t i = 0; i < rows; i++, c += product->c_stride, y += e->slope.y_stride)
        multiply_slope(e->slope.activation, y, c, columns);
}

/* Activation or slope of finished rows; those that follow each other in memory are one long row. */
static void finish_rows(const matrix_product *product, size_t row, size_t rows, size_t column, size_t columns)
{
    const product_epilogue *e = &product->epilogue;
    const bool dense = columns == product->c_stride;
    if (e->kind == EPILOGUE_ACTIVATION && dense)
        activate_rows(product, row, 1, column, rows * columns);
    else if (e->kind == EPILOGUE_ACTIVATION)
        activate_rows(product, row, rows, column, columns);
    else if (e->kind == EPILOGUE_SLOPE && dense && columns == e->slope.y_stride)
        multiply_slopes(product, row, 1, column, rows * columns);
    else if (e->kind == EPILOGUE_SLOPE)
        multiply_slopes(product, row, rows, column, columns);
}

/* Is C a gradient that updates weights? */
static bool has_update(const matrix_product *product)
{
    return product->epilogue.kind >= EPILOGUE_UPDATE;
}

/* Finished rows of C, which is a gradient, update the weights. */
static void update_rows(const matrix_product *product, size_t row, size_t rows, size_t column, size_t columns,
                        const tile *t)
{
    for (size_t i = 0; i < rows; i++)
        update_weights(&product->epilogue.update.rule, (row + i) * product->c_stride + column,
                       t->c + i * t->c_stride, columns);
}

/* A tile whose rows of C will update weights. Those weights, and their last updates, are prefetched into the
 * first-level cache while it is made: of a whole tile with long rows, row by row. What lies in the
 * second-level cache comes in time without it. */
static void fetching_tile(const matrix_product *product, size_t row, size_t rows, size_t column,
                          size_t vectors, tile *t)
{
    const bool whole = rows == BPI_TILE_ROWS && vectors == BPI_TILE_VECTORS;
    const bool far = product->m * product->n > NEAR_WEIGHTS;
    const sgd_update *rule = &product->epilogue.update.rule;
    size_t offset = row * product->c_stride + column;
    if (far && whole && BPI_TILE_COLUMNS * sizeof(bp_real) > 64) {
        t->fetch[0] = rule->weights + offset;
        t->fetch[1] = rule->last_update + offset;
        t->fetch_stride = product->c_stride;
        tile_fetching(t);
        return;
    }
    for (size_t i = 0; i < rows && far; i++, offset += product->c_stride) {
        fetch_row(rule->weights + offset, vectors);
        fetch_row(rule->last_update + offset, vectors);
    }
    tiles[vectors - 1][rows - 1](t);
}

/* Where the sums of the panel begin: at 0, the bias, or what C holds. */
static void choose_start(const block *b, size_t column, tile *t)
{
    static const _Alignas(64) bp_real zeros[BPI_TILE_COLUMNS];
    const matrix_product *product = b->product;
    t->start_stride = 0;
    t->start = product->bias ? product->bias + column : zeros;
    if (product->accumulate || b->term > 0) {
        t->start = product->c + b->row * product->c_stride + column;
        t->start_stride = product->c_stride;
    }
}

/* Rows of the next tile: two tiles of half its rows are faster than a whole one and one of very few, which
 * has too few sums to hide what each waits for. */
static size_t tile_rows(size_t left)
{
    return left > BPI_TILE_ROWS && left < 2 * BPI_TILE_ROWS ? (left + 1) / 2 : least(left, BPI_TILE_ROWS);
}

static void multiply_panel(const block *b, size_t column, size_t columns)
{
    const matrix_product *product = b->product;
    size_t vectors = (columns + BPI_LANES - 1) / BPI_LANES;
    bool last = b->term + b->terms == product->k, only = columns == product->n;
    bool updates = last && has_update(product);
    bool one_row = updates && columns == product->c_stride; /* all rows of the block are one long row */
    bool unstored = updates && !one_row && b->term == 0 && !product->accumulate;
    bp_real gradient[BPI_TILE_ROWS * BPI_TILE_COLUMNS];
    tile t = {.k = b->terms,
              .a_stride = b->a_stride,
              .a_step = b->a_step,
              .c_stride = unstored ? BPI_TILE_COLUMNS : product->c_stride,
              .last_lanes = columns - (vectors - 1) * BPI_LANES};
    choose_start(b, column, &t);
    t.b = prepare_panel(b, column, columns, &t.b_stride);
    for (size_t i = 0, rows; i < b->rows; i += rows) {
        rows = tile_rows(b->rows - i);
        t.a = b->a + i * b->a_stride;
        t.c = unstored ? gradient : product->c + (b->row + i) * product->c_stride + column;
        if (updates && !one_row)
            fetching_tile(product, b->row + i, rows, column, vectors, &t);
        else
            tiles[vectors - 1][rows - 1](&t);
        t.start += rows * t.start_stride;
        if (updates && !one_row)
            update_rows(product, b->row + i, rows, column, columns, &t);
        else if (last && !only)
            finish_rows(product, b->row + i, rows, column, columns);
    }
    if (one_row)
        update_weights(&product->epilogue.update.rule, b->row * columns, product->c + b->row * columns,
                       b->rows * columns);
    else if (last && only)
        finish_rows(product, b->row, b->rows, column, columns);
}

static void multiply(const matrix_product *product, product_kind kind)
{
    size_t most_rows = piece(product->m, BLOCK_ROWS, BPI_TILE_ROWS);
    size_t most_terms = piece(product->k, BLOCK_TERMS, BPI_LANES);
    block b = {.product = product, .kind = kind};
    for (b.row = 0; b.row < product->m; b.row += most_rows) {
        b.rows = least(product->m - b.row, most_rows);
        for (b.term = 0; b.term < product->k; b.term += most_terms) {
            b.terms = least(product->k - b.term, most_terms);
            prepare_a(&b);
            for (size_t column = 0; column < product->n; column += BPI_TILE_COLUMNS)
                multiply_panel(&b, column, least(product->n - column, BPI_TILE_COLUMNS));
        }
    }
}

/* The only row of C from its sums over the terms. */
static void forward_from_sums(const matrix_product *product, const bp_real *sums)
{
    const bp_real *start = product->accumulate ? product->c : product->bias;
    for (size_t j = 0; j < product->n; j += BPI_LANES) {
        size_t lanes = least(product->n - j, BPI_LANES);
        vec value = load_lanes(sums + j, lanes);
        if (start != NULL)
            value += load_lanes(start + j, lanes);
        store_lanes(product->c + j, value, lanes);
    }
    finish_rows(product, 0, 1, 0, product->n);
}

static void forward_one(const matrix_product *product)
{
    dots_with_one(product->b, product->b_stride, product->n, product->a, product->k, product->scratch);
    forward_from_sums(product, product->scratch);
}

/* The same for a few rows of a few values. */
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

/* Rows that are left over at the end are made together with some before them, once more; where there are none
 * before them, each stands for all. */
static void forward_few_units(const matrix_product *product)
{
    bp_real sum[FEW_ROWS * FEW_COLUMNS];
    for (size_t row = 0, rows; row < product->m; row += rows) {
        size_t first = row, stride = product->a_stride;
        rows = FEW_ROWS;
        if (product->m < FEW_ROWS) {
            rows = 1;
            stride = 0;
        } else if (product->m - row < FEW_ROWS) {
            rows = product->m - row;
            first = product->m - FEW_ROWS;
        }
        few_dots[product->n - 1](product->a + first * product->a_stride, stride, product->b,
                                 product->b_stride, product->k, sum);
        finish_few_sums(product, row, rows, sum + (row - first) * product->n);
    }
}

static void product_forward(const matrix_product *product)
{
    if (product->m == 1)
        forward_one(product);
    else if (product->n <= FEW_COLUMNS && product->k >= MANY_TERMS)
        forward_few_units(product);
    else
        multiply(product, FORWARD);
}

static void product_backward(const matrix_product *product)
{
    if (product->m == 1) {
        add_rows(product->k, product->a, product->b, product->b_stride, product->n, product->c,
                 product->accumulate);
        finish_rows(product, 0, 1, 0, product->n);
    } else
        multiply(product, BACKWARD);
}

/* A row of the gradient of one case. */
static void gradient_row(const matrix_product *product, size_t row)
{
    bp_real *c = product->c + row * product->c_stride;
    if (product->n >= BPI_LANES || product->accumulate)
        add_rows_together(1, product->a + row, product->b, 0, product->n, c, product->accumulate);
    else
        for (size_t i = 0; i < product->n; i++)
            c[i] = scalar_multiply_add(product->a[row], product->b[i], 0); /* as in long rows */
}

/* Rows that follow each other in memory are updated as one, since many short ones would be many ends. */
static void update_by_gradient(const matrix_product *product)
{
    const product_epilogue *e = &product->epilogue;
    const bool dense = product->c_stride == product->n;
    const size_t rows = dense ? 1 : product->m, count = dense ? product->m * product->n : product->n;
    for (size_t i = 0; i < rows; i++)
        update_weights(&e->update.rule, i * product->c_stride, product->c + i * product->c_stride, count);
    if (e->kind == EPILOGUE_UPDATE_AND_SUMS)
        dots_with_one(e->update.rule.weights, product->c_stride, product->m, e->update.next_y, product->n,
                      e->update.next_sums);
}

static void weights_of_one_case(const matrix_product *product)
{
    const bool undivided = has_update(product) && product->epilogue.update.rule.divisor == 1;
    if (undivided && !product->accumulate && product->n >= BPI_LANES) {
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
    else
        multiply(product, WEIGHTS);
}

#endif
