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

/* The derivatives of the weights of a connection, from `from` sources on, as many vectors as a tile has;
 * returns how many. */
static size_t multiply_tile_columns(const case_rows *t, const small_connection *connection, size_t from,
                                    size_t receivers, bool add, bp_real *to)
{
    const size_t left = (connection->units - from + BPI_LANES - 1) / BPI_LANES;
    size_t vectors = left < 2 ? 1 : 2, step = CASE_ROWS_RECEIVERS;
    void (*multiply)(const case_rows *, const bp_real *const[], size_t, bp_real *) = case_tile_of_two;
    bp_real sums[2 * CASE_ROWS_RECEIVERS * CASE_ROWS_VECTORS * BPI_LANES];
    if (vectors == 1) {
        multiply = case_tile_of_one;
        step = 2 * CASE_ROWS_RECEIVERS;
    }
#if BPI_TILE_VECTORS > 2
    if (left >= CASE_ROWS_VECTORS) {
        multiply = case_tile_of_all;
        vectors = CASE_ROWS_VECTORS;
    }
#endif
    const size_t end = from + vectors * BPI_LANES, stop = end < connection->units ? end : connection->units;
    for (size_t first = 0; first < receivers; first += step) {
        const bp_real *delta[2 * CASE_ROWS_RECEIVERS];
        const size_t count = receivers - first < step ? receivers - first : step;
        for (size_t r = 0; r < step; r++)
            delta[r] = t->delta + (first + (r < count ? r : count - 1)) * t->row;
        multiply(t, delta, connection->first_slot + from, sums);
        for (size_t r = 0; r < count; r++)
            for (size_t i = from; i < stop; i += BPI_LANES) {
                bp_real *at = to + (first + r) * connection->units + i;
                const size_t lanes = stop - i < BPI_LANES ? stop - i : BPI_LANES;
                const vec sum = load(sums + r * vectors * BPI_LANES + (i - from));
                store_last(at, add ? load_last(at, lanes) + sum : sum, lanes);
            }
    }
    return vectors;
}

static void weight_gradient_by_cases(const small_pass *pass, const small_layer *layer, const case_rows *rows,
                                     bool add)
{
    case_rows t = *rows;
    t.delta += layer->first_row * t.row;
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        for (size_t from = 0; from < connection->units;)
            from += BPI_LANES * multiply_tile_columns(&t, connection, from, layer->units, add,
                                                      pass->gradient + connection->offset);
    }
}

#endif
