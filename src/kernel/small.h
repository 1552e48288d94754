/*
 * A small network as kernels see it, whole: so few weights that what is done around matrix products would
 * take longer than the products. Its kernels run the network forward and backward in one call, for as many
 * cases side by side as a vector has lanes, and nothing is packed or set up in between.
 *
 * Every unit has a row: outputs y and derivatives delta of a few vectors of cases. Rows are numbered through
 * all layers; the row after the last is that of a unit which is always 1, from which the biases come.
 */
#ifndef BPI_KERNEL_SMALL_H
#define BPI_KERNEL_SMALL_H

#include <stdbool.h>
#include <stdint.h>

#include "backprop.h"

enum { SMALL_MOST_LAYERS = 16 };

/* Beside the activations of kernel.h, with the value of bp_activation.kind. */
enum { KERNEL_SOFTMAX = 5 };

/* The other end of a connection: the layer and its rows; and where the matrix begins in the weights. */
typedef struct small_link {
    size_t layer, first, units, offset;
} small_link;

/* One of the units that a layer receives from: its row, and its weights to the receiving units 0, 1, ...,
 * which stand `stride` apart. */
typedef struct small_sender {
    size_t row, offset, stride;
} small_sender;

typedef struct small_layer {
    size_t first, units; /* its rows */
    int32_t activation;
    bool is_input, is_output, has_bias;
    size_t column, output_column; /* of an input, of an output */
    size_t bias;                  /* offset in the weights */
    const small_link *incoming, *outgoing;
    size_t incoming_count, outgoing_count;
    const small_sender *senders; /* the units of all incoming connections, then that of the bias */
    size_t sender_count;
} small_layer;

typedef struct small_net {
    const small_layer *layers; /* in order */
    size_t layer_count;        /* SMALL_MOST_LAYERS at most */
    size_t rows;               /* of all units */
    size_t output_width;
    bool ends_in_outputs;   /* no output leads on to later layers */
    bool has_plain_outputs; /* nor is one softmax */
} small_net;

/* What a layer has to do with a caller's arrays: rows of its units' values, one per case. */
typedef struct small_values {
    const bp_real *inputs; /* of an input layer, the row of a case by its index */
    size_t stride;
    bp_real *outputs; /* others: gets y of all cases, dense and in their order; NULL: not wanted */
} small_values;

/*
 * One pass over `count` cases with the indices order[0], order[1], ... or, if order is NULL, first, first +
 * 1,
 * ... Targets may be NULL if no derivative is wanted: forward only. E is that of squared error, eq. 3, summed
 * from case to case. A case has the same y wherever it stands among others; the order in which derivatives
 * are summed over the cases depends on count alone.
 */
typedef struct small_pass {
    const small_net *net;
    const bp_real *weights;
    const small_values *values; /* one per layer */
    const size_t *order;
    size_t first, count;
    const bp_real *targets; /* output_width values per case, by its index */
    size_t target_stride;
    const bp_real *case_weights; /* by index, or NULL */
    bp_real tolerance;           /* outputs as close as that have no error; negative: none are */
    bp_real *gradient;           /* gets dE/dw of all weights, or NULL */
    bool accumulate;             /* dE/dw is added to it */
    bp_real *input_gradient;     /* gets dE/dy of all inputs, a row per case, or NULL */
    size_t input_width;          /* of its rows */
    bp_real *scratch;            /* small_scratch(net) values */
    double error;                /* E is added */
    double deviation;            /* raised to the greatest |y - d|; NaN if E is */
} small_pass;

/* What the units of a layer hold for a single case. Behind each array there is room for a vector. */
typedef struct small_state {
    const bp_real *y; /* of an input layer the caller's, without room behind it; of others own_y */
    bp_real *own_y;
    bp_real *x; /* gets the total inputs if they are wanted, else NULL */
    bp_real *delta;
} small_state;

/* A single case with squared error, eq. 1 to 5 and 7: y and delta of all layers, E and the greatest |y - d|.
 * The network has plain outputs. */
typedef struct small_case {
    const small_net *net;
    const bp_real *weights;
    const small_state *states; /* one per layer */
    double error; /* results; NaN both if E is. Apart, for what is stored as two cannot be loaded as one */
    const bp_real *target; /* of the case */
    bp_real weight;        /* of its error */
    bp_real tolerance;     /* as in small_pass */
    double deviation;
} small_case;

#endif
