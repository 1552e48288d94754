/*
 * The microkernel of the matrix products (register blocking): a tile of C, up to BPI_TILE_ROWS rows by
 * BPI_TILE_VECTORS vectors, is kept in registers while all terms of its sums are added. Almost all the time
 * of a matrix product is spent in this loop. In BLIS the tile is called mr x nr.
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
 * Each value of A is loaded in place, without packing, broadcast to a vector, and multiplied by 4 vectors of
 * B; each vector of B is multiplied by 6 values of A. So a step of 24 multiply-adds needs 10 loads, well
 * below the throughput of the load ports, and has 24 independent sums, more than the 8 or so that hide the
 * latency of a multiply-add. Sums, one row of B and one value of A fill the registers: 6 x 4 + 4 + 1 of 32
 * (AVX-512, NEON), 6 x 2 + 2 + 1 of 16 (AVX2, SSE).
 *
 * At the lower and the right edge of C the tiles are smaller: the same code compiled with other constants. In
 * all of them the terms of a value of C are added in the order p = 0, 1, 2, ...
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
    const bp_real *start; /* the initial values of the sums; stride 0: the same for every row */
    size_t start_stride;
    bp_real *c; /* may be start */
    size_t c_stride;
    const bp_real
        *prefetch[2]; /* for tile_with_prefetch: tiles of two matrices, of the same size as this one */
    size_t prefetch_stride;
    size_t last_lanes; /* how many lanes of the last vector in a row are inside C */
} tile;

#if !defined(__AVX2__)
/* Copies of the first lanes of a few rows, padded with zeros to whole vectors; and back. */
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

/* The last vector of each row, some lanes of which may be outside C. */
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
    const size_t from_stride = whole ? stride : BPI_LANES;
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        sum[i][last] = load(from + i * from_stride);
#endif
}

BPI_INLINE void end_last(const tile *t, size_t rows, size_t last, vec sum[][BPI_TILE_VECTORS])
{
    bp_real *c = t->c + last * BPI_LANES;
    const size_t stride = t->c_stride, lanes = t->last_lanes;
#if defined(__AVX2__)
    if (lanes != BPI_LANES) { /* a masked store takes several times as long as a plain one */
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
    const size_t to_stride = whole ? stride : BPI_LANES;
    BPI_UNROLL
    for (size_t i = 0; i < rows; i++)
        store(to + i * to_stride, sum[i][last]);
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

/* Adds the terms of some steps to the sums, and moves *a and *b past them. At least one step: compilers would
 * keep a copy of all sums for the case of none. */
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
            vec a_value = splat((*a)[i * t->a_stride]);
            BPI_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[i][v] = multiply_add(a_value, b_row[v], sum[i][v]);
        }
        *a += t->a_step;
        *b += t->b_stride;
    } while (--steps);
}

BPI_INLINE void prefetch_row(const bp_real *row, size_t vectors)
{
    BPI_UNROLL
    for (size_t j = 0; j < vectors * BPI_LANES; j += 64 / sizeof(bp_real))
        __builtin_prefetch(row + j);
}

/* All steps, in as many parts as the tile has rows; with each part a row of both matrices is prefetched. All
 * rows at once would occupy every line fill buffer, and the loads of the loop would wait for a free one. */
BPI_INLINE void tile_steps_with_prefetch(const tile *t, size_t rows, size_t vectors, const bp_real **a,
                                         const bp_real **b, vec sum[][BPI_TILE_VECTORS])
{
    const bp_real *first = t->prefetch[0], *second = t->prefetch[1];
    const size_t part = (t->k + rows - 1) / rows;
    size_t left = t->k;
    do {
        const size_t steps = part < left ? part : left;
        prefetch_row(first, vectors);
        prefetch_row(second, vectors);
        first += t->prefetch_stride;
        second += t->prefetch_stride;
        tile_steps(t, rows, vectors, steps, a, b, sum);
        left -= steps;
    } while (left);
}

/* `rows`, `vectors` and `prefetching` are constants in all calls, so all loops but those over steps are
 * unrolled and `sum` is kept in registers. */
BPI_INLINE void tile_multiply(const tile *from, size_t rows, size_t vectors, bool prefetching)
{
    const tile here = *from, *const t = &here; /* a copy, so that no store can alias it */
    const bp_real *a = t->a, *b = t->b;
    vec sum[BPI_TILE_ROWS][BPI_TILE_VECTORS];
    tile_begin(t, rows, vectors, sum);
    if (prefetching)
        tile_steps_with_prefetch(t, rows, vectors, &a, &b, sum);
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

static void tile_with_prefetch(const tile *t)
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
