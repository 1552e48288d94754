/* The memory of forward and backward passes: outputs, total inputs and deltas of every layer for one block of
 * cases. */
#ifndef BPI_MODEL_WORKSPACE_H
#define BPI_MODEL_WORKSPACE_H

#include "base/threads.h"
#include "model/loss.h"
#include "model/network.h"

/*
 * What a layer's units hold for the cases of a block. Everything is dense but an input's y, which is the
 * caller's array where nothing has to be changed in it.
 */
typedef struct layer_state {
    const bp_real *y;
    size_t y_stride;
    bp_real *own_y;
    bp_real *x;     /* total inputs; NULL where y is enough */
    bp_real *delta; /* dE/dy, then dE/dx; NULL until a gradient was asked for */
    size_t arrived; /* contributions to delta from later layers so far */
    /* Where cases change the weights one after another: an input's y of the next case, if it is loaded; and
     * room for what the first connection into a layer brings it then, and whether that is there. */
    const bp_real *next_y;
    bp_real *next_sums;
    bool has_next_sums;
    double error; /* output: E of the cases so far */
} layer_state;

struct bp_workspace {
    const bp_network *network;
    bp_allocator allocator;
    bp_real *memory;    /* all of the arrays below */
    size_t block_cases; /* room in cases */
    bool has_deltas;
    layer_state *states;       /* one per layer, in order */
    small_state *small_states; /* of small networks: the same for a single case */
    bp_real *own_targets, *own_case_weights;
    bp_real *temporary;  /* a block of the widest layer: slopes, a loss's derivative */
    bp_real *output_row; /* one case of all outputs */
    bp_real *scratch;    /* of the kernels' products, for each thread its own */
    size_t scratch_stride;
    thread_team *team; /* NULL: the caller works alone */
    double least_cost; /* of a piece of work for a thread, see parallel.h */

    /* the current block */
    const bp_real *targets; /* scaled */
    size_t target_stride;
    const bp_real *case_weights; /* or NULL */

    size_t last_cases; /* of the last call, if one block held them; else 0 */
};

/* STATE or ARGUMENT, with the function's name, unless net is ready and the workspace is its own. */
bp_status bpi_workspace_check(const char *function, const bp_network *net, const bp_workspace *workspace);

/* Makes room for blocks of `cases` cases (cut to the network's block) and, if asked, for deltas. Without
 * effect if there is room. */
bp_status bpi_workspace_reserve(const char *function, bp_workspace *workspace, size_t cases,
                                bool with_gradient);

/* What bp_workspace_set_threads does; trusts that the number was checked. */
bp_status bpi_workspace_set_threads(const char *function, bp_workspace *workspace, size_t threads);

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

/* The inputs of a batch of one case are loaded beside those of the current block, which has one too: they
 * become the current ones when its case is loaded next. */
void bpi_workspace_load_ahead(bp_workspace *workspace, const batch *one);

/* The call that worked on `cases` cases is over: their outputs may be read if one block held them. */
void bpi_workspace_leave(bp_workspace *workspace, size_t cases);

/*
 * How many of `left` cases the next block takes if there is room for `room` (>= 3). A single case is never
 * left over: it may be computed in another way than many, and how cases are cut must not show in results.
 */
size_t bpi_block_rows(size_t left, size_t room);

#endif
