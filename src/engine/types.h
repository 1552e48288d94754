/* What the engine works with: batches of cases, workspaces, and the products of the kinds of connection. */
#ifndef BPI_ENGINE_TYPES_H
#define BPI_ENGINE_TYPES_H

#include "base/threads.h"
#include "network/types.h"
#include "small/small.h"

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

/* E of some cases, and the greatest |y - d| among them. */
typedef struct batch_error {
    double error;
    double max_abs_error;
} batch_error;

/* A layer's arrays for one block of cases, dense, from one build of the workspace to the next. */
typedef struct layer_arrays {
    bp_real *y;         /* of an input: room for what cannot be used where it is, and for a second case */
    bp_real *x;         /* total inputs; NULL where y is enough */
    bp_real *delta;     /* dE/dy, then dE/dx; NULL until a gradient was asked for */
    bp_real *next_sums; /* see next_case; NULL as delta */
} layer_arrays;

/* A layer's outputs for the current block: its array or, for an input, the caller's where nothing has to be
 * changed in it. */
typedef struct layer_outputs {
    const bp_real *y;
    size_t stride;
} layer_outputs;

/*
 * Where cases update the weights one after another: the inputs of the next case, loaded beside those of the
 * current one, and for each layer whether next_sums has what the first connection into it will bring then.
 */
typedef struct next_case {
    bool is_loaded;
    layer_outputs *inputs; /* one per layer */
    bool *has_sums;        /* one per layer */
} next_case;

struct bp_workspace {
    const bp_network *network;
    bp_allocator allocator;
    size_t block_cases; /* capacity in cases */
    bool has_deltas;
    thread_team *team;     /* NULL: the caller works alone */
    double min_chunk_cost; /* of a chunk of work for a thread, see parallel.h */

    /* What belongs to the layers, one per layer in order, each with the lifetime that its type says. */
    layer_arrays *arrays;
    layer_outputs *outputs;
    next_case next;
    size_t *contributions; /* of a backward pass: how many later layers have added to delta so far */
    double *errors;        /* of a call: of output layers, E over the cases so far */

    bp_real *memory; /* all of the arrays above and below */
    bp_real *own_targets, *own_case_weights;
    bp_real *temporary;  /* a block of the widest layer: slopes, a loss's derivative */
    bp_real *output_row; /* one case of all outputs */
    bp_real *scratch;    /* of the kernels' products, for each thread its own */
    size_t scratch_stride;

    /* Of a small network (plan.h), else NULL: its description, its kernels, and the arrays of a single case.
     */
    small_net *small;
    const small_table *small_kernels;
    small_state *small_states;
    unsigned facts; /* of the network, for plan.h */

    /* the current block */
    const bp_real *targets; /* scaled */
    size_t target_stride;
    const bp_real *case_weights; /* or NULL */

    size_t last_cases; /* of the last call, if one block held them; else 0 */
};

/*
 * Online training: cases that update the weights one after another (online.h). Zeroed before the first call.
 * The loss, the vectors and wants_squares stay the same from call to call until the weights are flushed.
 */
typedef struct online_run {
    const batch *cases;
    const bp_loss *loss;
    sgd_update update;         /* of the whole vector; its divisor is 1 */
    bp_real *gradient;         /* weight_count values, which hold nothing afterwards */
    bp_real *weights_snapshot; /* gets the weights as they are before the first update; NULL: not wanted */
    bool wants_squares;
    size_t done;             /* result: cases that have changed the weights; the run ends before a case whose
                              * E is NaN or infinite */
    batch_error error;       /* of these cases: E is added, the greatest deviation raised */
    double greatest_squares; /* raised, if wanted, to the greatest sum of squares of a case's gradient */
    bool weights_in_kernel; /* the network's weights, their last changes and the snapshot are out of date, and
                             * the workspace is not to be used for anything else, until bpi_flush_weights
                             * writes them back */
    bool finite;            /* if they are: are the weights? */
    small_online_run small; /* that has them */
} online_run;

/*
 * The three products of a connection are called with what a dense one would hand to the kernel of that name
 * (see matrix_product), in which the weights, or their derivative, are the connection's slice. Kinds that are
 * not dense add no bias: theirs is NULL.
 */
typedef void (*connection_product)(const bp_connection *connection, const matrix_product *product);

/* How threads may split the products of a kind, with the same bits: not at all; forward and backward by
 * cases; or all three, by rows and columns of C, as kernel.h says of the dense ones. */
typedef enum product_split { SPLIT_NOT = 0, SPLIT_CASES, SPLIT_FREELY } product_split;

/* The products of a kind of connection; see connection_product.h. */
typedef struct connection_products {
    /* Values of scratch for products over `cases` cases; SIZE_MAX if they cannot be counted. */
    size_t (*scratch)(const bp_connection *connection, size_t cases);
    product_split split;
    connection_product forward, backward, weights;
} connection_products;

#endif
