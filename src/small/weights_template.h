/*
 * The weight derivatives of a small network (small_template.h): the rows of y and of delta that units have in
 * all groups of cases are multiplied with each other, each pair of rows to one sum in a register.
 */
#ifndef BPI_SMALL_WEIGHTS_TEMPLATE_H
#define BPI_SMALL_WEIGHTS_TEMPLATE_H

#include "kernel/vector.h"
#include "small/small.h"

enum {
    SMALL_SENDERS = 4,                 /* a tile of derivatives: up to so many units that send, */
    SMALL_RECEIVERS = BPI_TILE_VECTORS /* and so many that receive */
};

/* A tile of weights: the rows of the units that send and of those that receive. */
typedef struct small_tile {
    const bp_real *y[SMALL_SENDERS], *delta[SMALL_RECEIVERS];
    size_t row, groups, group_size; /* values in a row; how many groups, and how far apart */
} small_tile;

/* [RHW86] eq. 6: sums[j][i] = sum over all cases of dE/dx_j y_i, for j < receivers. Gives how far apart they
 * lie. */
BPI_INLINE size_t multiply_rows(const small_tile *t, size_t receivers, bp_real *sums)
{
    const size_t count = receivers * SMALL_SENDERS, tree = count < BPI_LANES ? count : BPI_LANES;
    vec sum[SMALL_RECEIVERS * SMALL_SENDERS];
    BPI_UNROLL
    for (size_t i = 0; i < count; i++)
        sum[i] = (vec){0};
    for (size_t group = 0, start = 0; group < t->groups; group++, start += t->group_size)
        for (size_t v = start; v < start + t->row; v += BPI_LANES) {
            vec sent[SMALL_SENDERS];
            BPI_UNROLL
            for (size_t i = 0; i < SMALL_SENDERS; i++)
                sent[i] = load(t->y[i] + v);
            BPI_UNROLL
            for (size_t j = 0; j < receivers; j++) {
                vec delta = load(t->delta[j] + v);
                BPI_UNROLL
                for (size_t i = 0; i < SMALL_SENDERS; i++)
                    sum[j * SMALL_SENDERS + i] = multiply_add(delta, sent[i], sum[j * SMALL_SENDERS + i]);
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

/* The derivatives of all weights into some units, tile by tile. What stands for units that are not there is
 * the last one again. */
static void weigh_units(const small_pass *pass, const small_layer *layer, size_t unit, size_t units, bool add,
                        small_tile *t)
{
    size_t (*const multiply_tile)(const small_tile *, bp_real *) = units == 1   ? small_tile_of_one
                                                                   : units == 2 ? small_tile_of_two
                                                                                : small_tile_of_all;
    bp_real sums[SMALL_RECEIVERS * SMALL_SENDERS + BPI_LANES];
    for (size_t first = 0; first < layer->sender_count; first += SMALL_SENDERS) {
        const small_sender *sender = layer->senders + first;
        const size_t left = layer->sender_count - first;
        const size_t senders = left < SMALL_SENDERS ? left : SMALL_SENDERS;
        for (size_t i = 0; i < SMALL_SENDERS; i++)
            t->y[i] = pass->scratch + sender[i < senders ? i : senders - 1].row * t->row;
        const size_t apart = multiply_tile(t, sums);
        for (size_t i = 0; i < senders; i++) {
            bp_real *to = pass->gradient + sender[i].offset + unit * sender[i].stride;
            for (size_t j = 0; j < units; j++, to += sender[i].stride)
                *to = sums[(j * SMALL_SENDERS + i) * apart] + (add ? *to : 0);
        }
    }
}

static void weigh_small_layer(const small_pass *pass, const small_layer *layer, const bp_real *delta,
                              bool add, small_tile *t)
{
    for (size_t unit = 0, units; unit < layer->units; unit += units) {
        units = layer->units - unit < SMALL_RECEIVERS ? layer->units - unit : SMALL_RECEIVERS;
        for (size_t j = 0; j < SMALL_RECEIVERS; j++)
            t->delta[j] = delta + (layer->first + unit + (j < units ? j : units - 1)) * t->row;
        weigh_units(pass, layer, unit, units, add, t);
    }
}

#endif
