/*
 * dE/dw of a small network in a pass (batch_template.h), for networks with so many weights that the sums over
 * lanes of weights_template.h would take longer than the products. The y of each case, which passes have in
 * columns, are first put into a row, by slot. A vector of weights from consecutive sources is then the sum
 * over all cases of delta_j, one number, times a vector of y. A tile of such vectors is computed at once.
 */
#ifndef BPI_SMALL_CASE_ROWS_TEMPLATE_H
#define BPI_SMALL_CASE_ROWS_TEMPLATE_H

#include "kernel/pack_template.h"
#include "small/weights_template.h"

enum {
    CASE_ROWS_RECEIVERS = 4, /* of a tile; twice as many where it is a single vector wide */
    CASE_ROWS_VECTORS = BPI_TILE_VECTORS
};

/* All groups of a pass: how many cases each has, and where those of the first group are. */
typedef struct case_rows {
    const bp_real *y, *delta; /* a row of slots per case; a row of cases per unit */
    size_t slots, row;        /* strides of these rows */
    size_t groups, group_size;
    const size_t *counts;
    size_t receivers; /* of a layer */
    bool add;         /* to the gradient */
    bp_real factor;   /* of the sum with what is there; only with padded weights, else 1 */
} case_rows;

/* [RHW86] eq. 6: sums[r * stride + ..] = sum over all cases of delta[r] * `vectors` vectors of y from slot
 * `first` on, with t->add and t->factor. */
BPI_INLINE void multiply_cases(const case_rows *t, const bp_real *const delta[], size_t receivers,
                               size_t vectors, size_t first, bp_real *sums, size_t stride)
{
    vec sum[2 * CASE_ROWS_RECEIVERS * CASE_ROWS_VECTORS];
    BPI_UNROLL
    for (size_t i = 0; i < receivers * vectors; i++)
        sum[i] = (vec){0};
    for (size_t group = 0, start = 0; group < t->groups; group++, start += t->group_size) {
        const bp_real *y = t->y + start + first;
        for (size_t c = start; c < start + t->counts[group]; c++, y += t->slots) {
            vec value[CASE_ROWS_VECTORS];
            BPI_UNROLL
            for (size_t v = 0; v < vectors; v++)
                value[v] = load(y + v * BPI_LANES);
            BPI_UNROLL
            for (size_t r = 0; r < receivers; r++) {
                const vec factor = splat(delta[r][c]);
                BPI_UNROLL
                for (size_t v = 0; v < vectors; v++)
                    sum[r * vectors + v] = multiply_add(factor, value[v], sum[r * vectors + v]);
            }
        }
    }
    BPI_UNROLL
    for (size_t r = 0; r < receivers; r++) {
        BPI_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            bp_real *to = sums + r * stride + v * BPI_LANES;
            const vec all = sum[r * vectors + v];
            store(to, (t->add ? load(to) + all : all) * t->factor);
        }
    }
}

#define BPI_CASE_TILE(name, receivers, vectors)                                                              \
    BPI_NOINLINE void name(const case_rows *t, const bp_real *const delta[], size_t first, bp_real *sums,    \
                           size_t stride)                                                                    \
    {                                                                                                        \
        multiply_cases(t, delta, receivers, vectors, first, sums, stride);                                   \
    }
BPI_CASE_TILE(case_tile_of_one, 2 * CASE_ROWS_RECEIVERS, 1)
BPI_CASE_TILE(case_tile_of_two, CASE_ROWS_RECEIVERS, 2)
#if BPI_TILE_VECTORS > 2
BPI_CASE_TILE(case_tile_of_all, CASE_ROWS_RECEIVERS, CASE_ROWS_VECTORS)
#endif

/* The tiles, the widest first. */
typedef struct case_tile {
    size_t receivers, vectors;
    void (*multiply)(const case_rows *t, const bp_real *const delta[], size_t first, bp_real *sums,
                     size_t stride);
} case_tile;

static const case_tile case_tiles[] = {
#if BPI_TILE_VECTORS > 2
    {CASE_ROWS_RECEIVERS, CASE_ROWS_VECTORS, case_tile_of_all},
#endif
    {CASE_ROWS_RECEIVERS, 2, case_tile_of_two},
    {2 * CASE_ROWS_RECEIVERS, 1, case_tile_of_one},
};

/* `count` rows of `units` values, the last vectors of which may be short: into whole vectors, and back. */
static void load_short_rows(const bp_real *from, size_t stride, size_t count, size_t units, bp_real *to,
                            size_t to_stride)
{
    for (size_t r = 0; r < count; r++, from += stride, to += to_stride)
        for (size_t i = 0; i < units; i += BPI_LANES)
            store(to + i, load_last(from + i, units - i < BPI_LANES ? units - i : BPI_LANES));
}

static void store_short_rows(const bp_real *from, size_t stride, size_t count, size_t units, bp_real *to,
                             size_t to_stride)
{
    for (size_t r = 0; r < count; r++, from += stride, to += to_stride)
        for (size_t i = 0; i < units; i += BPI_LANES)
            store_last(to + i, load(from + i), units - i < BPI_LANES ? units - i : BPI_LANES);
}

/* The derivatives of the weights from `units` sources of a connection, `first` and up to a tile's, to a
 * layer. */
static void multiply_tile_columns(const case_rows *t, const case_tile *tile, size_t slot, size_t units,
                                  bp_real *to, size_t stride)
{
    const size_t row = tile->vectors * BPI_LANES;
    bp_real sums[2 * CASE_ROWS_RECEIVERS * CASE_ROWS_VECTORS * BPI_LANES];
    for (size_t start = 0; start < t->receivers; start += tile->receivers, to += tile->receivers * stride) {
        const bp_real *delta[2 * CASE_ROWS_RECEIVERS];
        const size_t left = t->receivers - start, count = left < tile->receivers ? left : tile->receivers;
        for (size_t r = 0; r < tile->receivers; r++)
            delta[r] = t->delta + (start + (r < count ? r : count - 1)) * t->row;
        if (count == tile->receivers && units == row) {
            tile->multiply(t, delta, slot, to, stride);
            continue;
        }
        if (t->add) {
            memset(sums, 0, sizeof sums);
            load_short_rows(to, stride, count, units, sums, row);
        }
        tile->multiply(t, delta, slot, sums, row);
        store_short_rows(sums, row, count, units, to, stride);
    }
}

/* Those from `units` sources, whose y begin at `slot`. */
static void connection_gradient_by_cases(const case_rows *t, size_t slot, size_t units, bp_real *to,
                                         size_t stride)
{
    const case_tile *tile = case_tiles;
    for (size_t first = 0, most; first < units; first += most) {
        const size_t left = units - first, vectors = (left + BPI_LANES - 1) / BPI_LANES;
        while (tile->vectors > vectors)
            tile++;
        most = left < tile->vectors * BPI_LANES ? left : tile->vectors * BPI_LANES;
        multiply_tile_columns(t, tile, slot + first, most, to + first, stride);
    }
}

/* The derivatives of the weights into a layer, but for the biases. */
static void dense_gradient_by_cases(const small_pass *pass, const small_layer *layer, const case_rows *t)
{
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        connection_gradient_by_cases(t, connection->first_slot, connection->units,
                                     pass->gradient + connection->offset, connection->stride);
    }
}

/* The derivatives of the weights into a layer in padded rows, with those of the biases, as weights of a
 * source that is 1. Lanes without a weight get 0. */
static void padded_gradient_by_cases(const small_pass *pass, const small_layer *layer, const case_rows *t)
{
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        const size_t units = connection->units, rest = units % BPI_LANES;
        bp_real *to = pass->gradient + connection->offset, *unused = to + units;
        connection_gradient_by_cases(t, connection->first_slot, units - rest + (rest > 0 ? BPI_LANES : 0), to,
                                     connection->stride);
        if (rest > 0 && !(c == 0 && layer->has_bias))
            for (size_t j = 0; j < layer->units; j++, unused += connection->stride)
                *unused = 0;
    }
    if (layer->has_bias && layer->incoming[0].units % BPI_LANES == 0)
        connection_gradient_by_cases(t, pass->net->one_slot, BPI_LANES, pass->gradient + layer->bias_offset,
                                     layer->bias_stride);
}

static void weight_gradient_by_cases(const small_pass *pass, const small_layer *layer, const case_rows *rows)
{
    case_rows t = *rows;
    t.delta += layer->first_row * t.row;
    t.receivers = layer->units;
    if (pass->net->is_padded)
        padded_gradient_by_cases(pass, layer, &t);
    else
        dense_gradient_by_cases(pass, layer, &t);
}

#endif
