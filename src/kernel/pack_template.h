/*
 * Packing: before tiles multiply, the columns of B that they read together are laid out as they are read,
 * one panel at a time:
 *
 *     panel:  p = 0  [ column 0, 1, 2, ... w-1 ]      w columns: a whole tile's width or, at the right edge,
 *             p = 1  [ column 0, 1, 2, ... w-1 ]      what is left, rounded up to whole vectors; what stands
 *              ...                                    in the lanes that fill up does not matter
 *
 * so the tile reads it from the first byte to the last, in whole vectors. Where B holds a column as a row of
 * memory (forward: a unit's weights) packing transposes, else it copies rows.
 */
#ifndef BPI_KERNEL_PACK_TEMPLATE_H
#define BPI_KERNEL_PACK_TEMPLATE_H

#include "kernel/vector.h"

/* A function that picks lanes from two vectors: index, an expression of `lane`, counts through the lanes of a
 * and then those of b. */
#if defined(__clang__)
#define BPI_PICK(name, index)                                                                                \
    BPI_INLINE vec name(vec a, vec b)                                                                        \
    {                                                                                                        \
        vec picked = a;                                                                                      \
        BPI_UNROLL                                                                                           \
        for (size_t lane = 0; lane < BPI_LANES; lane++)                                                      \
            picked[lane] = (index) < BPI_LANES ? a[(index) % BPI_LANES] : b[(index) % BPI_LANES];            \
        return picked;                                                                                       \
    }
#else
#define BPI_PICK(name, index)                                                                                \
    BPI_INLINE vec name(vec a, vec b)                                                                        \
    {                                                                                                        \
        mask_vec from = {0};                                                                                 \
        BPI_UNROLL                                                                                           \
        for (size_t lane = 0; lane < BPI_LANES; lane++)                                                      \
            from[lane] = (lane_mask)(index);                                                                 \
        return __builtin_shuffle(a, b, from);                                                                \
    }
#endif

/* Within each block of 16 bytes: a0 b0 a1 b1 ... of its first half, and of its second. */
#define BPI_IN_BLOCK    (lane % BPI_BLOCK)
#define BPI_BLOCK_START (lane - BPI_IN_BLOCK)
BPI_PICK(interleave_low, BPI_BLOCK_START + BPI_IN_BLOCK / 2 + BPI_IN_BLOCK % 2 * BPI_LANES)
BPI_PICK(interleave_high, BPI_BLOCK_START + (BPI_IN_BLOCK + BPI_BLOCK) / 2 + BPI_IN_BLOCK % 2 * BPI_LANES)
#ifndef BP_DOUBLE
/* Within each block: a0 a1 b0 b1, and a2 a3 b2 b3. */
BPI_PICK(join_low, BPI_BLOCK_START + BPI_IN_BLOCK % 2 + BPI_IN_BLOCK / 2 * BPI_LANES)
BPI_PICK(join_high, BPI_BLOCK_START + 2 + BPI_IN_BLOCK % 2 + BPI_IN_BLOCK / 2 * BPI_LANES)
#endif

/* The 4 x 4 square of floats (2 x 2 of doubles) that stands in each block of the rows, transposed. */
BPI_INLINE void turn_squares(const vec row[BPI_BLOCK], vec turned[BPI_BLOCK])
{
#ifdef BP_DOUBLE
    turned[0] = interleave_low(row[0], row[1]);
    turned[1] = interleave_high(row[0], row[1]);
#else
    vec low01 = interleave_low(row[0], row[1]), high01 = interleave_high(row[0], row[1]);
    vec low23 = interleave_low(row[2], row[3]), high23 = interleave_high(row[2], row[3]);
    turned[0] = join_low(low01, low23);
    turned[1] = join_high(low01, low23);
    turned[2] = join_low(high01, high23);
    turned[3] = join_high(high01, high23);
#endif
}

/*
 * Transposes one block of columns of a vector's lanes of rows. Block b of row[i] comes from row i + 4b (i +
 * 2b in double), so that the squares come to lie beside each other in the right order.
 */
BPI_INLINE void transpose_squares(const vec row[BPI_BLOCK], bp_real *to, size_t to_stride)
{
    vec turned[BPI_BLOCK];
    turn_squares(row, turned);
    BPI_UNROLL
    for (size_t j = 0; j < BPI_BLOCK; j++)
        store(to + j * to_stride, turned[j]);
}

/* The block of columns that begins at column j, of a vector's lanes of rows. The last row stands for all that
 * would follow it. */
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
/* The blocks 0 and 2 of a, then of b; and 1 and 3. */
BPI_PICK(even_blocks, 2 * BPI_BLOCK_START + BPI_IN_BLOCK)
BPI_PICK(odd_blocks, 2 * BPI_BLOCK_START + BPI_BLOCK + BPI_IN_BLOCK)

/* As many columns as rows, in registers, which reads each row once and whole, not block by block. The last
 * row stands for all that would follow it. */
BPI_NOINLINE void transpose_lanes(const bp_real *from, size_t from_stride, size_t rows, bp_real *to,
                                  size_t to_stride)
{
    vec row[BPI_LANES], turned[BPI_LANES];
    BPI_UNROLL
    for (size_t i = 0; i < BPI_LANES; i++)
        row[i] = load(from + (i < rows ? i : rows - 1) * from_stride);
    BPI_UNROLL
    for (size_t i = 0; i < BPI_LANES; i += BPI_BLOCK)
        turn_squares(row + i, turned + i);
    BPI_UNROLL
    for (size_t j = 0; j < BPI_BLOCK; j++) {
        const vec *part =
            turned + j; /* block b of it: the first rows of column j + 4b; BPI_BLOCK on: the next */
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

/* Fewer columns than a block has. */
BPI_NOINLINE void transpose_values(const bp_real *from, size_t from_stride, size_t rows, size_t columns,
                                   bp_real *to, size_t to_stride)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < BPI_LANES; i++)
            to[j * to_stride + i] = from[(i < rows ? i : rows - 1) * from_stride + j];
}

/* At least a block of columns. What is left at the end goes with some columns before it, once more. */
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

/* to[j][i] = from[i][j], for the rows rounded up to whole vectors. */
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
