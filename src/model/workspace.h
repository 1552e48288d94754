/* The memory of forward and backward passes: outputs, total inputs and deltas of every layer for one block of
 * cases. */
#ifndef BPI_MODEL_WORKSPACE_H
#define BPI_MODEL_WORKSPACE_H

#include "model/loss.h"
#include "model/network.h"

/* What a layer's units hold for the cases of a block. Everything is dense but an input's y, which may be the
 * caller's array. */
typedef struct layer_state {
    const bp_real *y;
    size_t y_stride;
    bp_real *own_y; /* room for block_cases * units; NULL for an input that has not needed it */
    bp_real *x;     /* total inputs; NULL where y is enough */
    bp_real *delta; /* dE/dy, then dE/dx; NULL until a gradient was asked for */
} layer_state;

struct bp_workspace {
    const bp_network *network;
    bp_allocator allocator;
    size_t block_cases;    /* capacity in cases: min(max_cases, the network's block_cases) */
    layer_state *states;   /* one per layer, in order */
    bp_real *targets;      /* scaled targets of a block */
    bp_real *case_weights; /* gathered, if there are any */
    bp_real *scratch;      /* for products, slopes */
    size_t last_cases;     /* of the last call; 0: none */
};

/* Makes room for blocks of `cases` cases (cut to the network's block) and, if asked, for deltas. Without
 * effect if there is room. */
bp_status bpi_workspace_reserve(bp_workspace *workspace, size_t cases, bool with_gradient);

/*
 * Cases of data to work on: `count` of them, cases order[0], order[1], ... or, if order is NULL, first, first
 * + 1, ... The data have been checked and have explicit strides.
 */
typedef struct batch {
    const bp_data *data;
    const size_t *order;
    size_t first;
    size_t count;
} batch;

/* The part of a batch that begins at case `start` and has `rows` cases becomes the workspace's current block:
 * scaled inputs, and with_targets also targets and case weights. */
void bpi_workspace_load(bp_workspace *workspace, const batch *cases, size_t start, size_t rows,
                        bool with_targets);

#endif
