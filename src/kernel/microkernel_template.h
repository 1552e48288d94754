/*
 * The register tile: up to BPI_TILE_ROWS rows by BPI_TILE_VECTORS vectors of C, held in registers while all
 * terms of their sums are added. Everything that matrix products cost is spent in this loop.
 *
 *                      B panel: k steps of one row of vectors
 *                      p = 0   [ b0 | b1 | b2 | b3 ]
 *                      p = 1   [ b0 | b1 | b2 | b3 ]         <- one step loads one of these rows ...
 *                       ...
 *     A: rows of k values
 *     a0 [ . . . .         [ c00| c01| c02| c03 ]
 *     a1 [ . . . .         [ c10| c11| c12| c13 ]
 *     ..                         ...                         ... and for each row of A adds
 *     a5 [ . . . .         [ c50| c51| c52| c53 ]                c_iv += a_i[p] * b_v
 *
 * Each value of A is read where it stands and spread over a vector; it meets 4 vectors of B. Each vector of
 * B meets 6 values of A. So a step of 24 multiply-adds needs 10 loads, well below what the load ports can do,
 * and 24 independent sums are more than the 8 or so that hide the latency of a multiply-add. Sums, one row of
 * B and one value of A fill the registers: 6 x 4 + 4 + 1 of 32 (AVX-512, NEON), 6 x 2 + 2 + 1 of 16 (AVX2,
 * SSE).
 *
 * Rows at the lower edge and vectors at the right edge of C get smaller tiles, compiled from the same text
 * with other constants. The order in which the terms of one value of C are added is p = 0, 1, 2, ... in all
 * of them.
 */
#ifndef BPI_KERNEL_MICROKERNEL_TEMPLATE_H
#define BPI_KERNEL_MICROKERNEL_TEMPLATE_H

#include "kernel/vector.h"

#define BPI_TILE_ROWS    6
#define BPI_TILE_COLUMNS (BPI_TILE_VECTORS * BPI_LANES)

typedef struct tile {
    const bp_real *a;        /* rows of k values */
    size_t a_stride, a_step; /* from one row to the next, and from one value of a row to the next */
    const bp_real *b;        /* k rows of whole vectors */
    size_t b_stride;
    size_t k;             /* at least 1 */
    const bp_real *start; /* what the sums begin with; stride 0: the same for every row */
    size_t start_stride;
    bp_real *c; /* may be start */
    size_t c_stride;
    const bp_real *fetch[2]; /* for tile_fetching: rows of two matrices, as many and as wide as its own */
    size_t fetch_stride;
    size_t last_lanes; /* of the last vector in a row of C, that many lanes are inside C */
} tile;

#if !defined(__AVX2__)
/* Some lanes of a few rows, and zeros behind them. */
BPI_NOINLINE void gather_lanes(const bp_real *from, size_t stride, size_t rows, size_t lanes, bp_real *to)
{
    for (size_t i = 0; i < rows; i++, from += stride, to += BPI_LANES)
        store(to, load_part(from, lanes));
}

BPI_NOINLINE void scatter_lanes(const bp_real *from, size_t rows, size_t lanes, bp_real *to, size_t stride)
{
    for (size_t i = 0; i < rows; i++, from += BPI_LANES, to += stride)
        store_part(to, load(from), lanes);
}
#endif

/* The last vectors of the rows, of which some lanes may be outside C. */
BPI_INLINE void begin_last(const tile *t, size_t rows, size_t last, vec sum[][BPI_TILE_VECTORS])
{
    const bp_real *start = t->start + last * BPI_LANES;
    const size_t stride = t->start_stride, lanes = t->last_lanes;
#if defined(__AVX2__)
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        sum[i][last] = load_first(start + i * stride, lanes);
#else
    bp_real part[BPI_TILE_ROWS * BPI_LANES];
    const bool whole = lanes == BPI_LANES;
    if (!whole)
        gather_lanes(start, stride, rows, lanes, part);
    const bp_real *from = whole ? start : part;
    const size_t apart = whole ? stride : BPI_LANES;
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        sum[i][last] = load(from + i * apart);
#endif
}

BPI_INLINE void end_last(const tile *t, size_t rows, size_t last, vec sum[][BPI_TILE_VECTORS])
{
    bp_real *c = t->c + last * BPI_LANES;
    const size_t stride = t->c_stride, lanes = t->last_lanes;
#if defined(__AVX2__)
    if (lanes != BPI_LANES) { /* to store a vector by a mask takes several times as long as without */
        BPI_UNROLL
        for (size_t i = 0; i < rows; i++)
            store_first(c + i * stride, sum[i][last], lanes);
        return;
    }
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        store(c + i * stride, sum[i][last]);
#else
    bp_real part[BPI_TILE_ROWS * BPI_LANES];
    const bool whole = lanes == BPI_LANES;
    bp_real *to = whole ? c : part;
    const size_t apart = whole ? stride : BPI_LANES;
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        store(to + i * apart, sum[i][last]);
    if (!whole)
        scatter_lanes(part, rows, lanes, c, stride);
#endif
}

BPI_INLINE void tile_begin(const tile *t, size_t rows, size_t vectors, vec sum[][BPI_TILE_VECTORS])
{
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++) {
        BPI_UNROLL
        for (size_t v = 0; v + 1 < vectors; v++)
            sum[i][v] = load(t->start + i * t->start_stride + v * BPI_LANES);
    }
    begin_last(t, rows, vectors - 1, sum);
}

BPI_INLINE void tile_end(const tile *t, size_t rows, size_t vectors, vec sum[][BPI_TILE_VECTORS])
{
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++) {
        BPI_UNROLL
        for (size_t v = 0; v + 1 < vectors; v++)
            store(t->c + i * t->c_stride + v * BPI_LANES, sum[i][v]);
    }
    end_last(t, rows, vectors - 1, sum);
}

/* Adds some steps' terms to the sums, and passes them by. At least one step: for none, compilers would keep a
 * copy of all sums. */
BPI_INLINE void tile_steps(const tile *t, size_t rows, size_t vectors, size_t steps, const bp_real **a,
                           const bp_real **b, vec sum[][BPI_TILE_VECTORS])
{
    do {
        vec b_row[BPI_TILE_VECTORS];
        BPI_UNROLL
        for (size_t v = 0; v < vectors; v++)
            b_row[v] = load(*b + v * BPI_LANES);
        BPI_UNROLL
        for (size_t i = 0; i < rows; i++) {
            vec spread = splat((*a)[i * t->a_stride]);
            BPI_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[i][v] = multiply_add(spread, b_row[v], sum[i][v]);
        }
        *a += t->a_step;
        *b += t->b_stride;
    } while (--steps);
}

BPI_INLINE void fetch_row(const bp_real *row, size_t vectors)
{
    BPI_UNROLL
    for (size_t j = 0; j < vectors * BPI_LANES; j += 64 / sizeof(bp_real))
        __builtin_prefetch(row + j);
}

/* All steps, and with every sixth of them a row of two matrices is fetched. All rows at once would be more
 * than a processor can wait for: it would stand still until the first of them are there. */
BPI_INLINE void fetching_steps(const tile *t, size_t rows, size_t vectors, const bp_real **a,
                               const bp_real **b, vec sum[][BPI_TILE_VECTORS])
{
    const bp_real *first = t->fetch[0], *second = t->fetch[1];
    const size_t part = (t->k + rows - 1) / rows;
    size_t left = t->k;
    do {
        const size_t steps = part < left ? part : left;
        fetch_row(first, vectors);
        fetch_row(second, vectors);
        first += t->fetch_stride;
        second += t->fetch_stride;
        tile_steps(t, rows, vectors, steps, a, b, sum);
        left -= steps;
    } while (left);
}

/* Rows and vectors are constants wherever this is called, so every loop but those over steps is unrolled and
 * `sum` lives in registers. */
BPI_INLINE void tile_multiply(const tile *from, size_t rows, size_t vectors, bool fetching)
{
    const tile here = *from, *const t = &here; /* a copy, which no store can change */
    const bp_real *a = t->a, *b = t->b;
    vec sum[BPI_TILE_ROWS][BPI_TILE_VECTORS];
    tile_begin(t, rows, vectors, sum);
    if (fetching)
        fetching_steps(t, rows, vectors, &a, &b, sum);
    else
        tile_steps(t, rows, vectors, t->k, &a, &b, sum);
    tile_end(t, rows, vectors, sum);
}

#define BPI_TILE(rows, vectors)                                                                              \
    static void tile_##rows##x##vectors(const tile *t)                                                       \
    {                                                                                                        \
        tile_multiply(t, rows, vectors, false);                                                              \
    }
#define BPI_TILES(vectors)                                                                                   \
    BPI_TILE(1, vectors)                                                                                     \
    BPI_TILE(2, vectors)                                                                                     \
    BPI_TILE(3, vectors) BPI_TILE(4, vectors) BPI_TILE(5, vectors) BPI_TILE(6, vectors)
#define BPI_TILE_NAMES(vectors)                                                                              \
    {                                                                                                        \
        tile_1x##vectors, tile_2x##vectors, tile_3x##vectors, tile_4x##vectors, tile_5x##vectors,            \
            tile_6x##vectors                                                                                 \
    }

BPI_TILES(1)
BPI_TILES(2)
#if BPI_TILE_VECTORS == 4
BPI_TILES(3)
BPI_TILES(4)
#endif

static void tile_fetching(const tile *t)
{
    tile_multiply(t, BPI_TILE_ROWS, BPI_TILE_VECTORS, true);
}

/* tiles[vectors - 1][rows - 1] */
static void (*const tiles[BPI_TILE_VECTORS][BPI_TILE_ROWS])(const tile *) = {
    BPI_TILE_NAMES(1),
    BPI_TILE_NAMES(2),
#if BPI_TILE_VECTORS == 4
    BPI_TILE_NAMES(3),
    BPI_TILE_NAMES(4),
#endif
};

#endif
