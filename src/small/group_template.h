/*
 * A group of cases in a pass of a small network (batch_template.h): its memory, which cases it has, and their
 * values in columns, a case in each lane.
 */
#ifndef BPI_SMALL_GROUP_TEMPLATE_H
#define BPI_SMALL_GROUP_TEMPLATE_H

#include "kernel/pack_template.h"
#include "small/small.h"

enum {
    SMALL_WIDTH = 2, /* vectors in a row of a group, two to hide latency; one if all cases fit into it */
    SMALL_CASES = SMALL_WIDTH * BPI_LANES, /* of a wide group */
    SMALL_GROUPS = 4,                      /* at most; with so many the reductions over lanes cost little */
    SMALL_BYTES = 24 * 1024,               /* of all groups, which should stay in the first-level cache */

};

/* A group: its cases and their values. */
typedef struct small_group {
    size_t width, row; /* vectors, and values, in a row */
    size_t size;       /* values in all its rows: y, delta, x, and y by case */
    bp_real *y, *delta, *x;
    bp_real *case_rows;               /* y of each case, by slot; of layers that send to others */
    bp_real *targets;                 /* a row per output */
    size_t start, count;              /* which cases of the pass */
    bool is_full;                     /* as many cases as lanes, contiguous in memory from case `first` on */
    size_t first, index[SMALL_CASES]; /* index: not set if is_full and there are no case weights */
    bp_real weight[SMALL_CASES];      /* of each case */
    double error[SMALL_CASES];        /* E of each */
    double max_abs_error;
} small_group;

/* Rows of values of a group. */
static size_t group_rows(const small_net *net)
{
    return 2 * net->rows + net->x_rows;
}

/* Values of a group for each of its lanes. */
static size_t lane_values(const small_net *net)
{
    return group_rows(net) + (net->sums_over_cases ? net->slots : 0);
}

/* How many groups fit into the cache: their values, but for the rows of cases, which are made and read at the
 * end, and a row for the weights of the cases. */
static size_t max_groups(const small_net *net)
{
    size_t groups = SMALL_BYTES / ((group_rows(net) + 1) * SMALL_CASES * sizeof(bp_real));
    return groups < 1 ? 1 : groups > SMALL_GROUPS ? SMALL_GROUPS : groups;
}

static size_t pass_scratch(const small_net *net)
{
    return (lane_values(net) * max_groups(net) + net->output_width) * SMALL_CASES;
}

/* The group takes the next cases of the pass, from `start` on, of which `left` are left. */
static void choose_cases(const small_pass *pass, size_t start, size_t left, small_group *group)
{
    const size_t count = left < group->row ? left : group->row;
    group->start = start;
    group->count = count;
    group->is_full = pass->order == NULL && count == group->row;
    group->first = pass->first + start;
    if (group->is_full && pass->case_weights == NULL)
        return;
    for (size_t lane = 0; lane < count; lane++)
        group->index[lane] = pass->order ? pass->order[start + lane] : pass->first + start + lane;
    for (size_t lane = 0; lane < count; lane++)
        group->weight[lane] = pass->case_weights ? pass->case_weights[group->index[lane]] : 1;
    for (size_t lane = count; lane < group->row; lane++) {
        group->index[lane] = group->index[count - 1];
        group->weight[lane] = 0;
    }
}

static void begin_group(const small_pass *pass, size_t width, bp_real *scratch, small_group *group)
{
    const size_t rows = pass->net->rows;
    group->width = width;
    group->row = width * BPI_LANES;
    group->size = lane_values(pass->net) * group->row;
    group->y = scratch;
    group->delta = scratch + rows * group->row;
    group->x = group->delta + rows * group->row;
    group->case_rows = group->x + pass->net->x_rows * group->row;
    group->max_abs_error = 0;
    for (size_t lane = 0; lane < group->row; lane += BPI_LANES)
        store(group->weight + lane, splat(1));
}

/* ----------------------------------------------------------------- in and out */

/* BPI_BLOCK columns, from j on, of BPI_LANES rows, transposed. */
BPI_INLINE void load_block_columns(const bp_real *const row[BPI_LANES], size_t j, bp_real *to, size_t to_row)
{
    vec square[BPI_BLOCK];
    BPI_UNROLL
    for (size_t i = 0; i < BPI_BLOCK; i++) {
        const bp_real *blocks[BPI_BLOCKS];
        BPI_UNROLL
        for (size_t b = 0; b < BPI_BLOCKS; b++)
            blocks[b] = row[i + b * BPI_BLOCK] + j;
        square[i] = load_blocks(blocks);
    }
    transpose_squares(square, to + j * to_row, to_row);
}

/* All columns of rows that are contiguous in memory, transposed. */
static void load_full_columns(const bp_real *from, size_t stride, size_t rows, size_t columns, bp_real *to)
{
    if (columns >= BPI_BLOCK)
        transpose(from, stride, rows, columns, to, rows);
    else if (stride == 1)
        memcpy(to, from, rows * sizeof *to);
    else
        for (size_t j = 0; j < columns; j++, from++)
            for (size_t i = 0; i < rows; i++)
                *to++ = from[i * stride];
}

/* to[column][lane] = values[case of the lane][column] */
BPI_NOINLINE void load_columns(const bp_real *values, size_t stride, const small_group *group, size_t columns,
                               bp_real *to)
{
    if (group->is_full) {
        load_full_columns(values + group->first * stride, stride, group->row, columns, to);
        return;
    }
    for (size_t v = 0; v < group->row; v += BPI_LANES, to += BPI_LANES) {
        const bp_real *row[BPI_LANES];
        for (size_t lane = 0; lane < BPI_LANES; lane++)
            row[lane] = values + group->index[v + lane] * stride;
        size_t j = 0;
        for (; j + BPI_BLOCK <= columns; j += BPI_BLOCK)
            load_block_columns(row, j, to, group->row);
        if (j < columns && columns >= BPI_BLOCK) /* the last block overlaps the one before */
            load_block_columns(row, columns - BPI_BLOCK, to, group->row);
        for (; j < columns && columns < BPI_BLOCK; j++)
            for (size_t lane = 0; lane < BPI_LANES; lane++)
                to[j * group->row + lane] = row[lane][j];
    }
}

/* 1 in this lane, 0 in the others. */
BPI_INLINE vec one_in_lane(size_t lane)
{
    return (vec)((mask_vec)splat(1) & first_lanes(lane + 1) & ~first_lanes(lane));
}

/* The values of each case in a row. They are followed by a 1, if that is wanted, unless the last vector is
 * full; and by 0 in its other lanes. */
static void copy_rows_of_cases(const bp_real *values, size_t stride, const small_group *group, size_t columns,
                               bool with_one, bp_real *to, size_t to_stride)
{
    const size_t rest = columns % BPI_LANES, full = columns - rest;
    const vec one = with_one ? one_in_lane(rest) : (vec){0};
    const bool is_indexed = !group->is_full;
    for (size_t c = 0; c < group->count; c++, to += to_stride) {
        const bp_real *from = values + (is_indexed ? group->index[c] : group->first + c) * stride;
        for (size_t j = 0; j < full; j += BPI_LANES)
            store(to + j, load(from + j));
        if (rest > 0)
            store(to + full, load_last(from + full, rest) + one);
    }
}

/* Makes lane `unit` % BPI_LANES of a vector of the row of each case 1, and the lanes after it 0. */
static void mark_biases(bp_real *rows, size_t unit, size_t count, size_t stride)
{
    const size_t lane = unit % BPI_LANES;
    const mask_vec before = first_lanes(lane);
    const vec one = one_in_lane(lane);
    bp_real *to = rows + unit - lane;
    for (size_t c = 0; c < count; c++, to += stride)
        store(to, choose(before, load(to), one));
}

/* The inverse of load_columns, for the cases of the group; a case's row is found by its number in the pass.
 */
static void store_columns(const bp_real *from, const small_group *group, size_t columns, bp_real *rows,
                          size_t stride)
{
    for (size_t lane = 0; lane < group->count; lane++)
        for (size_t j = 0; j < columns; j++)
            rows[(group->start + lane) * stride + j] = from[j * group->row + lane];
}

#endif
