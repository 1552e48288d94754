/* The structs of the engine: batches of cases, workspaces, online runs, products of connections. */
#ifndef BPI_ENGINE_TYPES_H
#define BPI_ENGINE_TYPES_H

#include "base/threads.h"
#include "network/types.h"
#include "small/small.h"

/* Some cases of checked data with explicit strides: cases order[0] .. order[count - 1] or, if order is NULL,
 * first .. first + count - 1. */
typedef struct batch {
    const bp_data *data;
    const size_t *order;
    size_t first;
    size_t count;
} batch;

/* E of some cases, and the maximum of |y - d| among them. */
typedef struct batch_error {
    double error;
    double max_abs_error;
} batch_error;

/* A layer's own arrays for a block of cases: dense rows of `units` values. */
typedef struct layer_arrays {
    bp_real *y;     /* of an input layer: for inputs that are scaled or reordered, and for the next case */
    bp_real *x;     /* total inputs; NULL: y is enough */
    bp_real *delta; /* dE/dy, then dE/dx; NULL until a gradient is needed */
    bp_real *next_sums; /* see next_case; NULL as delta */
    bp_real *dropped,
        *factors; /* what the layers above read, y times factors; NULL: units are never dropped */
} layer_arrays;

/* A layer's outputs for the current block: in its own array or, for an input layer that is neither scaled nor
 * reordered, in the caller's. */
typedef struct layer_outputs {
    const bp_real *y;
    size_t stride;
} layer_outputs;

/* Online training: the inputs of the next case, loaded beside those of the current one, and for each layer
 * whether next_sums has the contribution of its first incoming connection to its total inputs. */
typedef struct next_case {
    bool is_loaded;
    layer_outputs *inputs; /* one per layer */
    bool *has_sums;        /* one per layer */
} next_case;

/* How a trainer updates a slice of the weight vector. */
typedef struct weight_part {
    slice_training training;              /* the decay factor is 0 where the trainer leaves out biases */
    double learning_rate, decay, penalty; /* of the next update; see optimizer_step */
    weight_update update; /* likewise, where updates are fused; it refers to the whole vector */
} weight_part;

/* How it updates all of them; see weight_parts.h. */
typedef struct weight_parts {
    weight_part *parts; /* one per slice of the network */
    bool *is_fixed;     /* one per layer: bp_layer.is_fixed when they were read */
    bool has_frozen;
    bool has_rate_factors;
    bool are_alike;     /* all weights are trained, with factors of 1 */
    bool spares_biases; /* are_alike, but that biases do not decay: the last factor of their updates is 1 */
} weight_parts;

/* What an update does to a layer; see unit_noise.h. */
typedef struct layer_noise {
    bool drops;
    uint32_t threshold; /* units whose random number is below it are dropped */
    bp_real kept;       /* the factor of the others */
    double deviation;   /* of noise; 0: none */
} layer_noise;

typedef struct unit_noise {
    const layer_noise *layers; /* a trainer's, one per layer; NULL: there is none */
    bool is_on;
    uint64_t seed, update; /* of the present update */
    uint64_t first;        /* number of the first case of the data */
    uint32_t *keys;        /* 4 words for each row of the block */
} unit_noise;

/* Copies of the weights in the order in which products read them; see weight_panels.h. */
typedef struct weight_panels {
    bool are_wanted;
    bp_real **of;        /* one per connection, NULL where there is none; NULL: no copies are kept */
    uint64_t made, seen; /* versions of the weights: of the copies, and of the last pass; 0: none */
} weight_panels;

/* What a trainer uses the kernel of online training for: nothing, momentum by itself (KERNEL_MOMENTUM), any
 * rule. */
typedef enum online_use { ONLINE_NOT = 0, ONLINE_MOMENTUM, ONLINE_RULE } online_use;

/* What the cases of each class weigh; see class_weights.h. */
typedef struct class_weights {
    size_t count;
    bp_real *weights;
} class_weights;

struct bp_workspace {
    const bp_network *network;
    bp_allocator allocator;
    const weight_parts *parts;    /* a trainer's; NULL: all weights are trained alike */
    const class_weights *classes; /* likewise; NULL: all classes weigh the same */
    size_t block_cases;           /* capacity in cases */
    bool has_deltas, has_keys;
    online_use online_use, online_memory; /* a trainer's, and what there is memory for */
    thread_team *team;                    /* NULL: one thread */
    double min_chunk_cost;                /* see parallel.h */

    /* One entry per layer, in order. */
    layer_arrays *arrays;   /* until the workspace grows */
    layer_outputs *outputs; /* of the current block */
    next_case next;
    unit_noise noise;
    weight_panels panels;
    bool has_input_panels; /* a trainer's: weights from inputs are in panels, see input_panels.h */
    size_t *contributions; /* in a backward pass: how many later layers have added to delta */
    double *errors;        /* in a call: E of output layers over the cases so far */
    bool has_joint_error; /* that of all layers is in the entry of the first, as kernels of small networks add
                             it up */

    bp_real *memory; /* the block that all arrays above and below are parts of */
    bp_real *own_targets, *own_case_weights;
    bp_real *temporary;  /* a block of the widest layer: slopes, a loss's derivative */
    bp_real *output_row; /* all outputs of one case */
    bp_real *scratch;    /* of matrix products: scratch_stride values per thread */
    size_t scratch_stride;

    /* Of a small network (plan.h), else NULL: description, kernels, and the arrays of one case. */
    small_net *small, *padded; /* the second: with weights in padded rows; or NULL */
    const small_table *small_kernels;
    const small_online_table *online_kernels;
    small_state *small_states;
    unsigned facts; /* of the network and the workspace, for plan.h; and whether there is noise */
    bool predicts_by_small_case; /* the plan for one case: planning takes as long as the pass */
    bool stores_values; /* outputs and deltas of all layers, which the kernels of small networks do not */

    /* The current block. */
    const bp_real *targets; /* scaled */
    size_t target_stride;
    const bp_real *case_weights; /* or NULL; with the weight of the class */
    bool may_miss;               /* targets may be NaN, which are skipped */

    size_t last_cases; /* cases of the last call, if they were one block; else 0 */
};

/* Online training (online.h), by single cases or by batches. Zeroed before the first call. Loss, vectors and
 * wants_squares must stay the same from call to call until the weights are flushed. */
typedef struct online_run {
    const batch *cases;
    size_t batch_cases; /* that make an update; the last batch may have fewer */
    const bp_loss *loss;
    weight_update update;   /* of the whole vector, where weights are trained alike; its gradient_factor
                             * is that of a batch of batch_cases */
    prepare_update prepare; /* makes the update after it; as in small_online_run, as is its context */
    void *context;
    bp_real *gradient;         /* scratch memory of weight_count values */
    bp_real *weights_snapshot; /* gets the weights before the first update; NULL: not wanted */
    bool wants_squares;
    bool spares_biases; /* biases do not decay */
    size_t done;       /* result: cases that updated the weights; the run ends before a case whose E is NaN or
                        * infinite */
    batch_error error; /* E and deviation of these cases are added to it */
    double max_squared_norm; /* if wanted, updated to the maximum squared norm of a case's gradient */
    bool weights_in_kernel;  /* until bpi_flush_weights writes the weights back, the network's weights, their
                              * last updates and the snapshot are out of date, and the workspace must not be
                              * used for anything else */
    bool by_lanes;           /* is the kernel that of small/lanes.h? */
    bool finite;             /* if weights_in_kernel: are the weights finite? */
    small_online_run small;  /* the kernel's run */
    small_loss losses[SMALL_MAX_LAYERS]; /* to which it refers */
} online_run;

/* A matrix product of a connection, called with the operands of the dense kernel of that name (see
 * matrix_product); the weights, or their derivative, are the connection's slice. Kinds that are not dense get
 * no bias. */
typedef void (*connection_product)(const bp_connection *connection, const matrix_product *product);

/* How threads may split the products of a kind without changing bits: not at all; forward and backward by
 * cases; or all three by rows and columns of C, as kernel.h says of dense ones. */
typedef enum product_split { SPLIT_NOT = 0, SPLIT_CASES, SPLIT_FREELY } product_split;

/* The matrix products of a kind of connection; see connection_product.h. */
typedef struct connection_products {
    /* Values of scratch memory for products over `cases` cases; SIZE_MAX on overflow. */
    size_t (*scratch)(const bp_connection *connection, size_t cases);
    product_split split;
    connection_product forward, backward, weights;
} connection_products;

#endif
