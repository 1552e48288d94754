/*
 * Packing: the columns of B that a microkernel reads together are copied into a panel (in BLIS a micropanel
 * of B), in the order in which it reads them:
 *
 *     panel:  p = 0  [ column 0, 1, 2, ... w-1 ]     w columns: the width of a tile or, at the right
 *             p = 1  [ column 0, 1, 2, ... w-1 ]     edge, the remaining ones, padded to whole vectors;
 *              ...                                   the values in the padding are not used
 *
 * So the microkernel reads it contiguously, in whole vectors. Where a column of B is a row in memory
 * (forward: a unit's weights), packing transposes; else it copies rows.
 *
 * A transposition in registers works on squares of BPI_BLOCK x BPI_BLOCK values, one in each block of the
 * vectors.
 */
#ifndef BPI_KERNEL_PACK_TEMPLATE_H
#define BPI_KERNEL_PACK_TEMPLATE_H

#include "kernel/vector.h"

/* Defines a function that shuffles two vectors: lane `lane` of the result is lane `index`, an expression in
 * `lane`, of a followed by b. */
#if defined(__clang__)
#define BPI_SHUFFLE(name, index)                                                                             \
    BPI_INLINE vec name(vec a, vec b)                                                                        \
    {                                                                                                        \
        vec result = a;                                                                                      \
        BPI_UNROLL                                                                                           \
        for (size_t lane = 0; lane < BPI_LANES; lane++)                                                      \
            result[lane] = (index) < BPI_LANES ? a[(index) % BPI_LANES] : b[(index) % BPI_LANES];            \
        return result;                                                                                       \
    }
#else
#define BPI_SHUFFLE(name, index)                                                                             \
    BPI_INLINE vec name(vec a, vec b)                                                                        \
    {                                                                                                        \
        mask_vec from = {0};                                                                                 \
        BPI_UNROLL                                                                                           \
        for (size_t lane = 0; lane < BPI_LANES; lane++)                                                      \
            from[lane] = (lane_mask)(index);                                                                 \
        return __builtin_shuffle(a, b, from);                                                                \
    }
#endif

/* In each block of 16 bytes: a0 b0 a1 b1 ... from the first half of the inputs' blocks; from the second half.
 */
#define BPI_IN_BLOCK    (lane % BPI_BLOCK)
#define BPI_BLOCK_START (lane - BPI_IN_BLOCK)
BPI_SHUFFLE(interleave_low, BPI_BLOCK_START + BPI_IN_BLOCK / 2 + BPI_IN_BLOCK % 2 * BPI_LANES)
BPI_SHUFFLE(interleave_high, BPI_BLOCK_START + (BPI_IN_BLOCK + BPI_BLOCK) / 2 + BPI_IN_BLOCK % 2 * BPI_LANES)
#ifndef BP_DOUBLE
/* In each block: a0 a1 b0 b1; a2 a3 b2 b3. */
BPI_SHUFFLE(join_low, BPI_BLOCK_START + BPI_IN_BLOCK % 2 + BPI_IN_BLOCK / 2 * BPI_LANES)
BPI_SHUFFLE(join_high, BPI_BLOCK_START + 2 + BPI_IN_BLOCK % 2 + BPI_IN_BLOCK / 2 * BPI_LANES)
#endif

/* Transposes the 4 x 4 square of floats (2 x 2 of doubles) in each block of the rows. */
BPI_INLINE void transpose_in_registers(const vec row[BPI_BLOCK], vec transposed[BPI_BLOCK])
{
#ifdef BP_DOUBLE
    transposed[0] = interleave_low(row[0], row[1]);
    transposed[1] = interleave_high(row[0], row[1]);
#else
    vec low01 = interleave_low(row[0], row[1]), high01 = interleave_high(row[0], row[1]);
    vec low23 = interleave_low(row[2], row[3]), high23 = interleave_high(row[2], row[3]);
    transposed[0] = join_low(low01, low23);
    transposed[1] = join_high(low01, low23);
    transposed[2] = join_low(high01, high23);
    transposed[3] = join_high(high01, high23);
#endif
}

/*
 * Transposes one block of columns of BPI_LANES rows of a matrix. Block b of row[i] is taken from row i + 4b
 * of the matrix (i + 2b in double), so that the transposed squares are in order.
 */
BPI_INLINE void transpose_squares(const vec row[BPI_BLOCK], bp_real *to, size_t to_stride)
{
    vec transposed[BPI_BLOCK];
    transpose_in_registers(row, transposed);
    BPI_UNROLL
    for (size_t j = 0; j < BPI_BLOCK; j++)
        store(to + j * to_stride, transposed[j]);
}

/* The block of columns that begins at column j. With fewer than BPI_LANES rows, the last one is repeated. */
BPI_INLINE void transpose_block(const bp_real *from, size_t from_stride, size_t rows, size_t j, bp_real *to,
                                size_t to_stride)
{
    vec row[BPI_BLOCK];
    BPI_UNROLL
    for (size_t i = 0; i < BPI_BLOCK; i++) {
        const bp_real *blocks[BPI_BLOCKS];
        BPI_UNROLL
        for (size_t b = 0; b < BPI_BLOCKS; b++) {
            size_t r = i + b * BPI_BLOCK;
            blocks[b] = from + (r < rows ? r : rows - 1) * from_stride + j;
        }
        row[i] = load_blocks(blocks);
    }
    transpose_squares(row, to + j * to_stride, to_stride);
}

#if BPI_VECTOR_BYTES == 64
/* Blocks 0 and 2 of a, then of b; blocks 1 and 3. */
BPI_SHUFFLE(even_blocks, 2 * BPI_BLOCK_START + BPI_IN_BLOCK)
BPI_SHUFFLE(odd_blocks, 2 * BPI_BLOCK_START + BPI_BLOCK + BPI_IN_BLOCK)

/* BPI_LANES columns at once, so that each row is loaded as one vector instead of block by block. With fewer
 * than BPI_LANES rows, the last one is repeated. */
BPI_NOINLINE void transpose_lanes(const bp_real *from, size_t from_stride, size_t rows, bp_real *to,
                                  size_t to_stride)
{
    vec row[BPI_LANES], transposed[BPI_LANES];
    BPI_UNROLL
    for (size_t i = 0; i < BPI_LANES; i++)
        row[i] = load(from + (i < rows ? i : rows - 1) * from_stride);
    BPI_UNROLL
    for (size_t i = 0; i < BPI_LANES; i += BPI_BLOCK)
        transpose_in_registers(row + i, transposed + i);
    BPI_UNROLL
    for (size_t j = 0; j < BPI_BLOCK; j++) {
        /* block b of part[0] holds the first rows of column j + 4b, part[BPI_BLOCK] the next ones, ... */
        const vec *part = transposed + j;
        vec even = even_blocks(part[0], part[BPI_BLOCK]), odd = odd_blocks(part[0], part[BPI_BLOCK]);
        part += 2 * BPI_BLOCK;
        vec even_end = even_blocks(part[0], part[BPI_BLOCK]), odd_end = odd_blocks(part[0], part[BPI_BLOCK]);
        store(to + j * to_stride, even_blocks(even, even_end));
        store(to + (j + BPI_BLOCK) * to_stride, even_blocks(odd, odd_end));
        store(to + (j + 2 * BPI_BLOCK) * to_stride, odd_blocks(even, even_end));
        store(to + (j + 3 * BPI_BLOCK) * to_stride, odd_blocks(odd, odd_end));
    }
}
#endif

/* Fewer columns than a block. */
BPI_NOINLINE void transpose_values(const bp_real *from, size_t from_stride, size_t rows, size_t columns,
                                   bp_real *to, size_t to_stride)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < BPI_LANES; i++)
            to[j * to_stride + i] = from[(i < rows ? i : rows - 1) * from_stride + j];
}

/* At least a block of columns. The last block or vector of columns may overlap the one before. */
BPI_INLINE void transpose_rows(const bp_real *from, size_t from_stride, size_t rows, size_t columns,
                               bp_real *to, size_t to_stride)
{
#if BPI_VECTOR_BYTES == 64
    for (size_t j = 0; columns >= BPI_LANES && j < columns; j += BPI_LANES) {
        const size_t first = j + BPI_LANES <= columns ? j : columns - BPI_LANES;
        transpose_lanes(from + first, from_stride, rows, to + first * to_stride, to_stride);
    }
    if (columns >= BPI_LANES)
        return;
#endif
    for (size_t j = 0; j < columns; j += BPI_BLOCK)
        transpose_block(from, from_stride, rows, j + BPI_BLOCK <= columns ? j : columns - BPI_BLOCK, to,
                        to_stride);
}

/* to[j][i] = from[i][j], with the rows padded to whole vectors. */
static void transpose(const bp_real *from, size_t from_stride, size_t rows, size_t columns, bp_real *to,
                      size_t to_stride)
{
    for (size_t i = 0; i < rows; i += BPI_LANES, from += BPI_LANES * from_stride, to += BPI_LANES)
        if (columns < BPI_BLOCK)
            transpose_values(from, from_stride, rows - i, columns, to, to_stride);
        else if (rows - i >= BPI_LANES)
            transpose_rows(from, from_stride, BPI_LANES, columns, to, to_stride);
        else
            transpose_rows(from, from_stride, rows - i, columns, to, to_stride);
}

#endif
