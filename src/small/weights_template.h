/*
 * dE/dw of a small network in a pass (batch_template.h). Each weight's derivative is the dot product of two
 * rows, the y of the source and the delta of the receiving unit, over all groups of cases. A tile of
 * derivatives is computed at once, each in one register (register blocking). That of a bias is the sum of its
 * unit's row.
 */
#ifndef BPI_SMALL_WEIGHTS_TEMPLATE_H
#define BPI_SMALL_WEIGHTS_TEMPLATE_H

#include <string.h>

#include "kernel/vector.h"
#include "small/small.h"

enum {
    SMALL_SOURCES = 4,                 /* in a tile, at most */
    SMALL_RECEIVERS = BPI_TILE_VECTORS /* likewise */
};

/* A tile: the rows of the sources' y and of the receivers' delta. */
typedef struct small_tile {
    const bp_real *y[SMALL_SOURCES], *delta[SMALL_RECEIVERS];
    size_t row, groups, group_size; /* values in a row; number of groups, and distance from one to the next */
} small_tile;

/* [RHW86] eq. 6: sums[j][i] = sum over all cases of dE/dx_j y_i, for j < receivers. Returns the stride from
 * one sum to the next. */
BPI_INLINE size_t multiply_rows(const small_tile *t, size_t receivers, bp_real *sums)
{
    const size_t count = receivers * SMALL_SOURCES, tree = count < BPI_LANES ? count : BPI_LANES;
    vec sum[SMALL_RECEIVERS * SMALL_SOURCES];
    BPI_UNROLL
    for (size_t i = 0; i < count; i++)
        sum[i] = (vec){0};
    for (size_t group = 0, start = 0; group < t->groups; group++, start += t->group_size)
        for (size_t v = start; v < start + t->row; v += BPI_LANES) {
            vec y[SMALL_SOURCES];
            BPI_UNROLL
            for (size_t i = 0; i < SMALL_SOURCES; i++)
                y[i] = load(t->y[i] + v);
            BPI_UNROLL
            for (size_t j = 0; j < receivers; j++) {
                vec delta = load(t->delta[j] + v);
                BPI_UNROLL
                for (size_t i = 0; i < SMALL_SOURCES; i++)
                    sum[j * SMALL_SOURCES + i] = multiply_add(delta, y[i], sum[j * SMALL_SOURCES + i]);
            }
        }
    BPI_UNROLL
    for (size_t i = 0; i < count; i += tree)
        store(sums + i, sums_of_lanes(sum + i, tree));
    return BPI_LANES / tree;
}

#define BPI_SMALL_TILE(name, receivers)                                                                      \
    BPI_NOINLINE size_t name(const small_tile *t, bp_real *sums)                                             \
    {                                                                                                        \
        return multiply_rows(t, receivers, sums);                                                            \
    }
BPI_SMALL_TILE(small_tile_of_one, 1)
BPI_SMALL_TILE(small_tile_of_two, 2)
BPI_SMALL_TILE(small_tile_of_all, SMALL_RECEIVERS)

/* Stores the sums of a tile, or adds them, whose first weight is `to`. */
BPI_INLINE void store_tile(const bp_real *sums, size_t stride, size_t receivers, size_t sources, bool add,
                           bp_real *to, size_t to_stride)
{
    for (size_t j = 0; j < receivers; j++, to += to_stride, sums += SMALL_SOURCES * stride) {
        if (stride == 1 && sources == SMALL_SOURCES && !add) {
            memcpy(to, sums, SMALL_SOURCES * sizeof *to);
            continue;
        }
        for (size_t i = 0; i < sources; i++)
            to[i] = sums[i * stride] + (add ? to[i] : 0);
    }
}

/* The derivatives of a connection's weights into `units` units from `unit` on, tile by tile. A tile with
 * fewer sources repeats the last one. */
static void weight_gradient_of_units(const small_pass *pass, const small_connection *connection, size_t unit,
                                     size_t units, bool add, small_tile *t)
{
    size_t (*const multiply_tile)(const small_tile *, bp_real *) = units == 1   ? small_tile_of_one
                                                                   : units == 2 ? small_tile_of_two
                                                                                : small_tile_of_all;
    const bp_real *rows = pass->scratch + connection->first_row * t->row;
    bp_real *to = pass->gradient + connection->offset + unit * connection->units;
    bp_real sums[SMALL_RECEIVERS * SMALL_SOURCES + BPI_LANES];
    for (size_t first = 0, sources; first < connection->units; first += sources) {
        const size_t left = connection->units - first;
        sources = left < SMALL_SOURCES ? left : SMALL_SOURCES;
        for (size_t i = 0; i < SMALL_SOURCES; i++)
            t->y[i] = rows + (first + (i < sources ? i : sources - 1)) * t->row;
        const size_t stride = multiply_tile(t, sums);
        store_tile(sums, stride, units, sources, add, to + first, connection->units);
    }
}

/* dE/db_j = sum over all cases of dE/dx_j, for up to `most` units, a constant; where there are fewer, the
 * last is repeated. The sums are BPI_LANES / most lanes apart. */
BPI_INLINE vec sum_rows(const small_tile *t, const bp_real *delta, size_t units, size_t most)
{
    vec sum[BPI_LANES];
    BPI_UNROLL
    for (size_t j = 0; j < most; j++)
        sum[j] = (vec){0};
    for (size_t group = 0; group < t->groups; group++)
        for (size_t v = 0; v < t->row; v += BPI_LANES) {
            const bp_real *row = delta + group * t->group_size + v;
            BPI_UNROLL
            for (size_t j = 0; j < most; j++) {
                sum[j] += load(row);
                row += j + 1 < units ? t->row : 0;
            }
        }
    return sums_of_lanes(sum, most);
}

/* For a vector of units. */
BPI_NOINLINE void bias_gradient_of_units(const small_tile *t, const bp_real *delta, size_t units, bool add,
                                         bp_real *to)
{
    const vec sums = sum_rows(t, delta, units, BPI_LANES);
    store_last(to, add ? load_last(to, units) + sums : sums, units);
}

/* For one or two units. */
BPI_NOINLINE void bias_gradient_of_two(const small_tile *t, const bp_real *delta, size_t units, bool add,
                                       bp_real *to)
{
    const vec sums = sum_rows(t, delta, units, 2);
    for (size_t j = 0; j < units; j++)
        to[j] = sums[j * (BPI_LANES / 2)] + (add ? to[j] : 0);
}

/* The derivatives of the weights into a layer, but for the biases. */
static void weight_gradient_by_lanes(const small_pass *pass, const small_layer *layer, const bp_real *delta,
                                     bool add, small_tile *t)
{
    for (size_t unit = 0, units; unit < layer->units; unit += units) {
        units = layer->units - unit < SMALL_RECEIVERS ? layer->units - unit : SMALL_RECEIVERS;
        for (size_t j = 0; j < SMALL_RECEIVERS; j++)
            t->delta[j] = delta + (unit + (j < units ? j : units - 1)) * t->row;
        for (size_t i = 0; i < layer->incoming_count; i++)
            weight_gradient_of_units(pass, &layer->incoming[i], unit, units, add, t);
    }
}

static void bias_gradient_of_layer(const small_pass *pass, const small_layer *layer, const bp_real *delta,
                                   bool add, const small_tile *t)
{
    for (size_t unit = 0; layer->has_bias && unit < layer->units; unit += BPI_LANES) {
        const size_t left = layer->units - unit;
        (left <= 2 ? bias_gradient_of_two
                   : bias_gradient_of_units)(t, delta + unit * t->row, left < BPI_LANES ? left : BPI_LANES,
                                             add, pass->gradient + layer->bias_offset + unit);
    }
}

#endif
