/*
 * A small network as kernels see it, whole: so few weights that what is done around matrix products would
 * take longer than the products. Its kernels run the network forward and backward in one call, for as many
 * cases side by side as a vector has lanes, and nothing is packed or set up in between.
 *
 * Every unit has a row: outputs y and derivatives delta of a few vectors of cases. Rows are numbered through
 * all layers; the row after the last is that of a unit which is always 1, from which the biases come.
 *
 * Cases that change the weights one after another have no rows, but a place for each unit's y or delta; those
 * of a layer begin at a multiple of SMALL_ALIGN, so that they can be read and written in whole vectors.
 */
#ifndef BPI_SMALL_SMALL_H
#define BPI_SMALL_SMALL_H

#include "kernel/kernel.h"

/* SMALL_FEW: terms, or units: more are worth a vector. */
enum { SMALL_MAX_LAYERS = 16, SMALL_ALIGN = 16, SMALL_FEW = 8 };

/* Beside the activations of kernel.h, with the value of bp_activation.kind. */
enum { KERNEL_SOFTMAX = 5 };

/* The other end of a connection: the layer and its rows; and where the matrix begins in the weights. */
typedef struct small_link {
    size_t layer, first, place, units, offset;
} small_link;

/* One of the units that a layer receives from: its row and place, and its weights to the receiving units 0,
 * 1, ..., which stand `stride` apart. */
typedef struct small_sender {
    size_t row, place, offset, stride;
} small_sender;

typedef struct small_layer {
    size_t first, units; /* its rows */
    size_t place;        /* of its first unit */
    int32_t activation;
    bool is_input, is_output, has_bias;
    bool has_few_terms;           /* all from one layer, SMALL_FEW at most, and is not softmax */
    size_t column, output_column; /* of an input, of an output */
    size_t bias;                  /* offset in the weights */
    const small_link *incoming, *outgoing;
    size_t incoming_count, outgoing_count;
    const small_sender *senders; /* the unit of the bias, then those of all incoming connections */
    size_t sender_count;
} small_layer;

typedef struct small_net {
    const small_layer *layers; /* in order */
    size_t layer_count;        /* SMALL_MAX_LAYERS at most */
    size_t rows;               /* of all units */
    size_t places, one;        /* how many, and that of the unit which is always 1 */
    size_t weight_count, output_width;
} small_net;

/* What a layer has to do with a caller's arrays: rows of its units' values, one per case. */
typedef struct small_values {
    const bp_real *inputs; /* of an input layer, the row of a case by its index */
    size_t stride;
    bp_real *outputs; /* others: gets y of all cases, dense and in their order; NULL: not wanted */
} small_values;

/*
 * One pass over `count` cases with the indices order[0], order[1], ... or, if order is NULL, first,
 * first + 1, ... Targets may be NULL if no derivative is wanted: forward only. E is that of squared error,
 * eq. 3, summed from case to case. A case has the same y wherever it stands among others; the order in which
 * derivatives are summed over the cases depends on count alone.
 */
typedef struct small_pass {
    const kernel_table *kernel; /* for activations and slopes */
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

/*
 * The per-case rule: cases as in small_pass, each of which changes the weights by its gradient of squared
 * error, [RHW86] eq. 1 to 9, before the next. The network is plain. A call ends before a case whose E is NaN
 * or infinite. Or, for a single case, the gradient alone, by the same operations.
 *
 * Between the beginning of the run and its end the weights and their changes are the kernels', who may have
 * them in another place; and the scratch is.
 */
typedef struct small_run {
    const small_net *net;
    sgd_update update;          /* of the whole vector; its divisor is not used */
    bp_real *gradient;          /* gets dE/dw of all weights, which stay as they are; or NULL: they change */
    const small_values *values; /* one per layer; outputs are not wanted */
    const size_t *order;
    size_t first, count;
    const bp_real *targets;
    size_t target_stride;
    const bp_real *case_weights;
    bp_real tolerance;
    bool keeps;       /* the weights as they are before the call's first change are kept ... */
    bp_real *keep;    /* ... and put there at the end of the run, the last that were kept */
    bp_real *scratch; /* run_scratch(net) values, aligned as a workspace's */
    bool wants_squares;
    bool finite;             /* result: are all weights, after the call? */
    size_t done;             /* result: cases that have changed the weights */
    double error, deviation; /* as in small_pass, of these cases */
    double greatest_squares; /* raised, if wanted, to the greatest sum of squares of a gradient */
} small_run;

/* Single cases of a small network. states: one per layer. */
typedef struct small_case_table {
    /* eq. 1 and 2 */
    void (*forward)(const small_net *net, const bp_real *weights, const small_state *states);
    /* eq. 7 and 5 for all layers between inputs and outputs */
    void (*backward)(const small_net *net, const bp_real *weights, const small_state *states);
    /* eq. 6 for all weights */
    void (*weigh)(const small_net *net, const small_state *states, bp_real *gradient);
    /* Cases that change the weights one after another, see small.h: how many values of scratch that needs;
     * its beginning, any number of calls, and its end. */
    size_t (*run_scratch)(const small_net *net);
    void (*run_begin)(small_run *run);
    void (*run_cases)(small_run *run);
    void (*run_end)(small_run *run);
} small_case_table;

/* The kernels of small networks for one instruction set. */
typedef struct small_table {
    const char *name; /* of the kernel table that it goes with */
    /* How many values of scratch a pass needs, and the pass. */
    size_t (*scratch)(const small_net *net);
    void (*run)(small_pass *pass);
    const small_case_table *one_case;
} small_table;

#endif
