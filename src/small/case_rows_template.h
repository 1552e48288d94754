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
} case_rows;

/* [RHW86] eq. 6: sums[r * stride + ..] = sum over all cases of delta[r] * a vector of y from slot `first` on.
 */
BPI_INLINE void multiply_cases(const case_rows *t, const bp_real *const delta[], size_t receivers,
                               size_t vectors, size_t first, bp_real *sums)
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
    for (size_t i = 0; i < receivers * vectors; i++)
        store(sums + i * BPI_LANES, sum[i]);
}

#define BPI_CASE_TILE(name, receivers, vectors)                                                              \
    BPI_NOINLINE void name(const case_rows *t, const bp_real *const delta[], size_t first, bp_real *sums)    \
    {                                                                                                        \
        multiply_cases(t, delta, receivers, vectors, first, sums);                                           \
    }
BPI_CASE_TILE(case_tile_of_one, 2 * CASE_ROWS_RECEIVERS, 1)
BPI_CASE_TILE(case_tile_of_two, CASE_ROWS_RECEIVERS, 2)
#if BPI_TILE_VECTORS > 2
BPI_CASE_TILE(case_tile_of_all, CASE_ROWS_RECEIVERS, CASE_ROWS_VECTORS)
#endif

/* The tiles, the widest first. */
typedef struct case_tile {
    size_t receivers, vectors;
    void (*multiply)(const case_rows *t, const bp_real *const delta[], size_t first, bp_real *sums);
} case_tile;

static const case_tile case_tiles[] = {
#if BPI_TILE_VECTORS > 2
    {CASE_ROWS_RECEIVERS, CASE_ROWS_VECTORS, case_tile_of_all},
#endif
    {CASE_ROWS_RECEIVERS, 2, case_tile_of_two},
    {2 * CASE_ROWS_RECEIVERS, 1, case_tile_of_one},
};

/* Stores the sums of a tile for `count` receivers and `units` sources, or adds them. */
static void store_case_tile(const case_tile *tile, const bp_real *sums, size_t count, size_t units, bool add,
                            bp_real *to, size_t to_stride)
{
    for (size_t r = 0; r < count; r++, sums += tile->vectors * BPI_LANES, to += to_stride)
        for (size_t i = 0; i < units; i += BPI_LANES) {
            const size_t lanes = units - i < BPI_LANES ? units - i : BPI_LANES;
            const vec sum = load(sums + i);
            store_last(to + i, add ? load_last(to + i, lanes) + sum : sum, lanes);
        }
}

/* The derivatives of the weights from `units` sources of a connection, `first` and up to a tile's, to a
 * layer. */
static void multiply_tile_columns(const case_rows *t, const case_tile *tile,
                                  const small_connection *connection, size_t first, size_t units, bp_real *to)
{
    bp_real sums[2 * CASE_ROWS_RECEIVERS * CASE_ROWS_VECTORS * BPI_LANES];
    for (size_t start = 0; start < t->receivers; start += tile->receivers) {
        const bp_real *delta[2 * CASE_ROWS_RECEIVERS];
        const size_t left = t->receivers - start, count = left < tile->receivers ? left : tile->receivers;
        for (size_t r = 0; r < tile->receivers; r++)
            delta[r] = t->delta + (start + (r < count ? r : count - 1)) * t->row;
        tile->multiply(t, delta, connection->first_slot + first, sums);
        store_case_tile(tile, sums, count, units, t->add, to + start * connection->units + first,
                        connection->units);
    }
}

static void connection_gradient_by_cases(const case_rows *t, const small_connection *connection, bp_real *to)
{
    const case_tile *tile = case_tiles;
    for (size_t first = 0, units; first < connection->units; first += units) {
        const size_t left = connection->units - first, vectors = (left + BPI_LANES - 1) / BPI_LANES;
        while (tile->vectors > vectors)
            tile++;
        units = left < tile->vectors * BPI_LANES ? left : tile->vectors * BPI_LANES;
        multiply_tile_columns(t, tile, connection, first, units, to);
    }
}

/* The derivatives of the weights into a layer, but for the biases. */
static void weight_gradient_by_cases(const small_pass *pass, const small_layer *layer, const case_rows *rows)
{
    case_rows t = *rows;
    t.delta += layer->first_row * t.row;
    t.receivers = layer->units;
    for (size_t c = 0; c < layer->incoming_count; c++)
        connection_gradient_by_cases(&t, &layer->incoming[c], pass->gradient + layer->incoming[c].offset);
}

#endif
