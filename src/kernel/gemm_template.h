/*
 * Matrix times matrix (GEMM) for the three products of kernel.h, with the microkernel and packing. It is
 * blocked for the caches as in BLIS; the names in brackets are those of its analytical model:
 *
 *     for each block of up to BLOCK_ROWS rows of C [mc]     its rows of A stay in the second-level cache
 *         for each block of up to BLOCK_TERMS terms [kc]    the sums continue from the block before
 *             for each panel of B, a tile wide [nr]         packed once, used by every row of the block
 *                 for each tile of the panel [mr]           the microkernel
 *
 * There is no block of columns [nc]: panels are packed one at a time, just before they are used, so only one
 * needs memory. A is not packed but read in place, one value at a time. The exception is the
 * weights' product, where a row of A is a column in memory: unless these values fit into the first-level
 * cache, A is transposed into scratch.
 *
 * Epilogues. After the last block of terms, each tile's activation or slope is applied while the tile is
 * still in the first-level cache; in a product with a single panel, to all rows of the block at once. A
 * gradient that updates weights is not stored at all if one block has all its terms: each tile is computed
 * into the same small buffer, and its weights are updated from there.
 */
#ifndef BPI_KERNEL_GEMM_TEMPLATE_H
#define BPI_KERNEL_GEMM_TEMPLATE_H

#include "base/numeric.h"
#include "kernel/elementwise_template.h"
#include "kernel/microkernel_template.h"
#include "kernel/pack_template.h"
#include "kernel/update_tile_template.h"

enum {
    BLOCK_ROWS = 44 * BPI_TILE_ROWS,
    BLOCK_TERMS = 2048 / sizeof(bp_real), /* 64 columns of floats: a panel of 128 KiB */
    UNPACKED_MAX_ROWS =
        2 * BPI_TILE_COLUMNS, /* up to so many rows of C, copying a panel costs more than it saves */
    FEW_TERMS = 8,            /* so many do not hide the time of reading and writing C */
    FEW_TERMS_B = (1 << 14) / sizeof(bp_real), /* values of B at a time: half of the first-level cache */
    L1_DELTAS = (1 << 15) / sizeof(bp_real),   /* so many, gaps included, fit into the first-level cache */
    L2_WEIGHTS =
        (1 << 20) / (2 * sizeof(bp_real)) /* so many, with last updates, fit into the second-level cache */
};

/* Rounded up to a whole number of vectors. */
static size_t whole_vectors(size_t count)
{
    return (count + BPI_LANES - 1) / BPI_LANES * BPI_LANES;
}

/* `total` cut into as few equal blocks as possible, none longer than max: their length, a multiple of `unit`.
 */
static size_t block_length(size_t total, size_t max, size_t unit)
{
    size_t blocks = (total + max - 1) / max;
    size_t length = (total + blocks - 1) / blocks;
    return (length + unit - 1) / unit * unit;
}

/* Enough for a transposed block of A and a panel of B, or for the sums of a single row. The roles of m, n and
 * k change from product to product, so each is taken to be the largest. */
static size_t product_scratch(size_t m, size_t n, size_t k)
{
    size_t max = bpi_max(bpi_max(m, n), k);
    size_t rows = whole_vectors(bpi_min(max, BLOCK_ROWS) + BPI_TILE_ROWS),
           terms = whole_vectors(bpi_min(max, BLOCK_TERMS));
    size_t blocks = (rows + BPI_TILE_COLUMNS) * terms, sums = whole_vectors(max);
    return bpi_max(blocks, sums);
}

/* to[i][j] = from[i][j], with the columns padded to whole vectors. */
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

/* The initial values of the sums of a tile without a bias. */
static const _Alignas(64) bp_real zeros[BPI_TILE_COLUMNS];

/* A block of the product: `rows` rows of C from `row` on, `terms` terms of their sums from `term` on. */
typedef struct block {
    const matrix_product *product;
    product_kind kind;
    size_t row, rows, term, terms;
    const bp_real *a; /* its rows of A, of `terms` values */
    size_t a_stride, a_step;
    bp_real *panel; /* scratch for one */
    bool is_packed; /* panel holds the panel of B */
} block;

/* Finds the block's part of A, in place or transposed into scratch. */
static void prepare_a(block *b)
{
    const matrix_product *product = b->product;
    bp_real *scratch = product->scratch;
    b->a_step = 1;
    if (b->kind == PRODUCT_WEIGHTS && b->terms * product->a_stride <= L1_DELTAS) {
        b->a = product->a + b->term * product->a_stride + b->row;
        b->a_stride = 1;
        b->a_step = product->a_stride;
    } else if (b->kind == PRODUCT_WEIGHTS) {
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

/* The panel that begins at `column`: packed, or in place if it is whole and few rows use it. */
static const bp_real *prepare_panel(const block *b, size_t column, size_t columns, size_t *stride)
{
    const matrix_product *product = b->product;
    *stride = whole_vectors(columns);
    if (product->panels != NULL)
        return product->panels + column * product->k + b->term * *stride;
    if (b->kind == PRODUCT_FORWARD) {
        transpose(product->b + column * product->b_stride + b->term, product->b_stride, columns, b->terms,
                  b->panel, *stride);
        return b->panel;
    }
    const bp_real *from = product->b + b->term * product->b_stride + column;
    if (product->m <= UNPACKED_MAX_ROWS && columns == *stride) {
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

/* The epilogue of rows whose sums are complete, unless it is an update. Dense rows are treated as one long
 * row.
 */
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

/* Is the epilogue an update of weights? */
static bool has_update(const matrix_product *product)
{
    return product->epilogue.kind >= EPILOGUE_UPDATE;
}

static void prefetch_rows(const bp_real *first, size_t stride, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j += 64 / sizeof(bp_real))
            __builtin_prefetch(first + i * stride + j);
}

/* Are the weights that the product updates too many for the second-level cache, which is fast enough without
 * prefetching? So are panels, one long row each. */
static bool is_uncached(const matrix_product *product)
{
    return product->m * product->n > L2_WEIGHTS && !product->in_panels;
}

/*
 * Computes a tile, and updates its weights. Those that are not in a cache, and their last updates, are
 * meanwhile prefetched: in a whole tile with long rows row by row. All rows of others, if the tile is not too
 * narrow, are updated by momentum from the registers, unless their sums were begun in C.
 */
static void multiply_and_update(const block *b, size_t row, size_t rows, size_t column, size_t columns,
                                tile *t, bool discards_c)
{
    const matrix_product *product = b->product;
    const weight_update *rule = &product->epilogue.update.rule;
    const size_t stride = product->in_panels ? columns : product->c_stride;
    const size_t offset = product->in_panels ? column * product->m + row * stride : row * stride + column;
    const size_t vectors = (columns + BPI_LANES - 1) / BPI_LANES;
    const bool whole = rows == BPI_TILE_ROWS && columns == BPI_TILE_COLUMNS;
    const bool from_registers = rows == BPI_TILE_ROWS && has_momentum_tile(product, columns);
    const bool prefetches = is_uncached(product) && !b->is_packed;
    if (from_registers && discards_c && !prefetches) {
        momentum_tile(t, whole, rule, offset, stride);
        return;
    }
    if (prefetches && whole && BPI_TILE_COLUMNS * sizeof(bp_real) > 64) {
        t->prefetch[0] = rule->weights + offset;
        t->prefetch[1] = rule->last_update + offset;
        t->prefetch_stride = stride;
        tile_with_prefetch(t);
    } else {
        if (prefetches) {
            prefetch_rows(rule->weights + offset, stride, rows, columns);
            prefetch_rows(rule->last_update + offset, stride, rows, columns);
        }
        tiles[vectors - 1][rows - 1](t);
    }
    if (product->in_panels)
        update_weights(rule, offset, 0, t->c, 0, 1, rows * columns);
    else
        update_weights(rule, offset, stride, t->c, t->c_stride, rows, columns);
}

/* The initial values of the panel's sums: 0, the bias, or what C holds. */
static void choose_start(const block *b, size_t column, tile *t)
{
    const matrix_product *product = b->product;
    t->start_stride = 0;
    t->start = product->bias ? product->bias + column : zeros;
    if (product->accumulate || b->term > 0) {
        t->start = product->c + b->row * product->c_stride + column;
        t->start_stride = product->c_stride;
    }
}

/* Rows of the next tile. What is left for the last two tiles is halved: a tile of very few rows would have
 * too few sums to hide the latency of a multiply-add. */
static size_t tile_rows(size_t left)
{
    return left > BPI_TILE_ROWS && left < 2 * BPI_TILE_ROWS ? (left + 1) / 2 : bpi_min(left, BPI_TILE_ROWS);
}

static void multiply_panel(const block *b, size_t column, size_t columns)
{
    const matrix_product *product = b->product;
    size_t vectors = (columns + BPI_LANES - 1) / BPI_LANES;
    bool last = b->term + b->terms == product->k, only_panel = columns == product->n;
    bool updates = last && has_update(product);
    bool begins = b->term == 0 && !product->accumulate;
    /* The rows of the block are one long row. Tiles update their weights from registers instead. */
    bool dense = updates && columns == product->c_stride && !product->in_panels &&
                 !(begins && has_momentum_tile(product, columns));
    bool discards_c = updates && !dense && begins;
    bp_real gradient[BPI_TILE_ROWS * BPI_TILE_COLUMNS];
    tile t = {.k = b->terms,
              .a_stride = b->a_stride,
              .a_step = b->a_step,
              .c_stride = product->in_panels ? columns
                          : discards_c       ? BPI_TILE_COLUMNS
                                             : product->c_stride,
              .last_lanes = columns - (vectors - 1) * BPI_LANES};
    choose_start(b, column, &t);
    if (b->is_packed) {
        t.b = b->panel;
        t.b_stride = whole_vectors(columns);
    } else
        t.b = prepare_panel(b, column, columns, &t.b_stride);
    for (size_t i = 0, rows; i < b->rows; i += rows) {
        rows = tile_rows(b->rows - i);
        t.a = b->a + i * b->a_stride;
        t.c = discards_c ? gradient : product->c + (b->row + i) * product->c_stride + column;
        if (updates && !dense)
            multiply_and_update(b, b->row + i, rows, column, columns, &t, discards_c);
        else
            tiles[vectors - 1][rows - 1](&t);
        t.start += rows * t.start_stride;
        if (last && !only_panel && !updates)
            finish_rows(product, b->row + i, rows, column, columns);
    }
    if (dense)
        update_weights(&product->epilogue.update.rule, b->row * columns, 0, product->c + b->row * columns, 0,
                       1, b->rows * columns);
    else if (last && only_panel)
        finish_rows(product, b->row, b->rows, column, columns);
}

static void multiply(const matrix_product *product, product_kind kind)
{
    size_t max_rows = block_length(product->m, BLOCK_ROWS, BPI_TILE_ROWS);
    size_t max_terms = block_length(product->k, BLOCK_TERMS, BPI_LANES);
    block b = {.product = product, .kind = kind};
    for (b.row = 0; b.row < product->m; b.row += max_rows) {
        b.rows = bpi_min(product->m - b.row, max_rows);
        for (b.term = 0; b.term < product->k; b.term += max_terms) {
            b.terms = bpi_min(product->k - b.term, max_terms);
            prepare_a(&b);
            for (size_t column = 0; column < product->n; column += BPI_TILE_COLUMNS)
                multiply_panel(&b, column, bpi_min(product->n - column, BPI_TILE_COLUMNS));
        }
    }
}

/*
 * The weights' product of a few cases with a large C: its time is that of reading and writing C, or the
 * weights that it updates. That is done in long rows, which the processor prefetches: all panels of a block
 * of columns are packed before any is used, and each tile of rows goes through all of them.
 */
static void multiply_long_rows(const matrix_product *product)
{
    const size_t max_columns = bpi_max(FEW_TERMS_B / product->k / BPI_TILE_COLUMNS, 1) * BPI_TILE_COLUMNS;
    block b = {.product = product,
               .kind = PRODUCT_WEIGHTS,
               .rows = product->m,
               .terms = product->k,
               .a = product->a,
               .a_stride = 1,
               .a_step = product->a_stride,
               .is_packed = true};
    for (size_t first = 0; first < product->n; first += max_columns) {
        const size_t end = bpi_min(first + max_columns, product->n);
        for (size_t column = first; column < end; column += BPI_TILE_COLUMNS) {
            const size_t columns = bpi_min(end - column, BPI_TILE_COLUMNS);
            copy_rows(product->b + column, product->b_stride, product->k, columns,
                      product->scratch + (column - first) * product->k, whole_vectors(columns));
        }
        for (b.row = 0; b.row < product->m; b.row += b.rows) {
            b.rows = tile_rows(product->m - b.row);
            b.a = product->a + b.row;
            for (size_t column = first; column < end; column += BPI_TILE_COLUMNS) {
                b.panel = product->scratch + (column - first) * product->k;
                multiply_panel(&b, column, bpi_min(end - column, BPI_TILE_COLUMNS));
            }
        }
    }
}

#endif
