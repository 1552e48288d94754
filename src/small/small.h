/*
 * The kernels of small networks. Setting up and packing matrix products would take longer than the
 * arithmetic, or a large part of the time; so these kernels run a whole network in one call. There are three
 * ways:
 *
 *   a pass             several cases at once, a case in each lane of a vector (batch_template.h)
 *   a single case      forward, backward, gradient (case_template.h)
 *   online training    each case, or batch of a few, updates the weights before the next (online_template.h)
 *
 * A network is described by small_net. Its units are numbered through all layers, in two ways:
 *
 * rows, for passes: the values of a unit (y, or its delta) are a row, one value per case. The rows of all
 * units follow each other.
 *
 * slots, for online training: a unit has a single value, in its slot. The slots of a layer begin at a
 * multiple of SMALL_ALIGN, so that they can be loaded and stored in whole vectors; the slot `one_slot` is the
 * constant 1.
 *
 * The weights are where the network has them, or in padded rows, one for each unit that is no input, with
 * whole vectors for each connection to it:
 *
 *     w_0 w_1 w_2 bias        w_0 w_1 w_2 w_3  bias 0 0 0        (3 and 4 sources, vectors of 4)
 *
 * The bias is in the first lane without a weight of the last vector of the first connection or, if there is
 * none, in a vector of its own. What is in other lanes without a weight is not used.
 */
#ifndef BPI_SMALL_SMALL_H
#define BPI_SMALL_SMALL_H

#include "kernel/kernel.h"

/* SMALL_FEW: up to so many terms or units, scalar arithmetic is faster than vectors. SMALL_MAX_BATCH: cases
 * of a batch in online training. SMALL_LANE_WEIGHTS: with more, the weights' derivatives in a pass are summed
 * over cases instead of over lanes. */
enum {
    SMALL_MAX_LAYERS = 16,
    SMALL_ALIGN = 16,
    SMALL_FEW = 8,
    SMALL_MAX_BATCH = 16,
    SMALL_LANE_WEIGHTS = 512
};

/* A connection as seen from one of its layers: the layer at the other end, with its first row and slot, and
 * the offset of the matrix in the weights, whose rows, one for each receiving unit, are `stride` apart. */
typedef struct small_connection {
    size_t layer, first_row, first_slot, units, offset, stride;
} small_connection;

/* A source: one of the units that send to a layer, or the constant 1 for the biases. Its weights to the
 * receiving units 0, 1, ... begin at `offset` and are `stride` apart. */
typedef struct small_source {
    size_t slot, offset, stride;
} small_source;

typedef struct small_layer {
    size_t first_row, first_slot, units;
    int32_t activation;
    const double *parameter; /* of the activation */
    bool needs_x;            /* its slope is found from x */
    size_t first_x_row;      /* if needs_x: of the rows of x */
    bool is_input, is_output, has_bias;
    bool has_few_terms;      /* one incoming connection with at most SMALL_FEW units, no softmax,
                                and needs_x is false */
    bool has_only_few_terms; /* no incoming connection has more than SMALL_FEW units */
    size_t input_column;     /* of an input layer, in the inputs of all input layers */
    size_t output_column;    /* of an output layer, in the targets of all output layers */
    size_t bias_offset;      /* in the weights; biases are bias_stride apart */
    size_t bias_stride;
    const small_connection *incoming, *outgoing;
    size_t incoming_count, outgoing_count;
    const small_source *sources; /* the constant 1 if has_bias, then the units of all incoming connections */
    size_t source_count;
} small_layer;

typedef struct small_net {
    const kernel_table *kernel; /* for activations, slopes and losses */
    const small_layer *layers;  /* each after those that send to it */
    size_t layer_count;         /* at most SMALL_MAX_LAYERS */
    size_t rows, x_rows;        /* units of all layers, and of those whose activation needs x */
    size_t slots, one_slot;     /* how many slots, and that of the constant 1 */
    size_t weight_count, output_width;
    bool sums_over_cases;  /* as the derivatives of the weights in a pass; else over lanes */
    bool is_padded;        /* are the weights in padded rows? Then sums_over_cases */
    bool has_bias_vectors; /* if so: have any biases a vector of their own? */
} small_net;

/* How many vectors of so many lanes hold the weights in the order of online training, a unit in each lane
 * (online_state_template.h). */
static inline size_t small_weight_vectors(const small_net *net, size_t lanes)
{
    size_t vectors = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        size_t rows = layer->source_count;
        for (size_t j = 0; j < layer->outgoing_count; j++)
            rows += layer->outgoing[j].units;
        if (!layer->is_input)
            vectors += rows * ((layer->units + lanes - 1) / lanes);
    }
    return vectors;
}

/* The arrays of a layer: a row per case with the values of its units. */
typedef struct small_values {
    const bp_real *inputs; /* of an input layer; a case is found by its index */
    size_t stride;
    bp_real *outputs; /* of other layers: gets y of all cases, dense and in their order; or NULL */
    bp_real *x;       /* likewise their total inputs; only with outputs, where the activation needs x */
} small_values;

/* E of rows and the derivatives, as kernel_table.find_loss_by_unit, but of any number of rows; x is not used.
 */
typedef double (*loss_by_unit)(const void *loss, const output_loss *rows, double *errors);

/* The loss of an output layer. */
typedef struct small_loss {
    output_loss terms; /* kind, tolerance, smoothing and share */
    bool gives_delta;  /* is the derivative dE/dx, with the slope in it, as that of a cross-entropy? */
    double weight;     /* of the layer's E in that of the case */
    loss_by_unit find; /* NULL: that of the kernel table, which knows the kind */
    const void *loss;  /* for `find` */
} small_loss;

/*
 * One pass over `count` cases: forward, and backward if a gradient is wanted. The indices of the cases are
 * order[0], order[1], ... or, if order is NULL, first, first + 1, ... Without targets the pass is forward
 * only. E is added up case by case. Bits: those of a case's y do not depend on the other cases; those of the
 * gradient depend on `count` too, since it is summed over the cases in groups.
 */
typedef struct small_pass {
    const small_net *net;
    const bp_real *weights;
    const small_values *values; /* one per layer */
    const small_loss *losses;   /* likewise, of output layers; none without targets. With one that gives
                                 * deltas, no output layer leads to another layer */
    const size_t *order;
    size_t first, count;
    const bp_real *targets; /* output_width values per case, by its index; or NULL */
    size_t target_stride;
    const bp_real *case_weights; /* by index, or NULL */
    bp_real *gradient;           /* gets dE/dw of all weights, or NULL */
    bool accumulate;             /* dE/dw is added to it */
    bool takes_mean;             /* it is multiplied by 1 / count; only with padded weights */
    bp_real *input_gradient;     /* gets dE/dy of all inputs, a row per case; or NULL */
    size_t input_width;          /* of its rows */
    bp_real *scratch;            /* pass_scratch(net) values */
    double error;                /* in and out: E is added */
    double max_abs_error;        /* in and out: raised to the largest |y - d|; NaN if E is */
} small_pass;

/* The values of a layer's units for a single case. Each array but y of an input layer has space for a whole
 * vector after its last value. */
typedef struct small_state {
    const bp_real *y; /* of an input layer the caller's array, of other layers own_y */
    bp_real *own_y;
    bp_real *x; /* gets the total inputs, or NULL; not NULL for a backward pass through layers that need x */
    bp_real *delta;
} small_state;

/* Makes the numbers of the next update. */
typedef void (*prepare_update)(void *context, weight_update *update);

/*
 * Online training: cases as in small_pass. Each of them, or each batch of a few, updates the weights by its
 * gradient, [RHW86] eq. 1 to 9, before the next; the last batch of a call may have fewer. No layer has
 * softmax but outputs whose loss gives deltas, and no output layer sends to other layers. A call ends before
 * a case, or batch, whose E is NaN or infinite.
 *
 * A run is a call of begin, any number of calls of train, and one of end. In between the kernel may keep the
 * weights and their last updates in a layout of its own in `scratch`, so that nobody else reads or writes
 * any of them; end writes them back.
 *
 * With `gradient`, the summed gradient of the cases, one batch, is computed instead, by the same operations.
 */
typedef struct small_online_run {
    const small_net *net, *unpadded; /* the second: for lanes.h, as are run_pass and pass_scratch */
    void (*run_pass)(small_pass *pass);
    size_t pass_scratch;        /* values of its scratch memory */
    weight_update *update;      /* for all weights; the kind is the same in all calls, gradient_factor is not
                                 * used */
    bool spares_biases;         /* biases have the decay_factor 1 */
    bool is_prepared;           /* in and out: is `update` the next one? Else `prepare` makes it that */
    prepare_update prepare;     /* NULL: all updates are the same, as those of KERNEL_MOMENTUM must be */
    void *context;              /* for `prepare` */
    bp_real *gradient;          /* gets dE/dw of all weights, which are then not updated; or NULL */
    const small_values *values; /* one per layer; outputs and x are not used */
    const small_loss *losses;   /* likewise, of output layers; the same in all calls */
    const size_t *order;
    size_t first, count;
    size_t batch; /* cases whose summed gradient makes an update; but for lanes.h at most SMALL_MAX_BATCH */
    bool takes_mean; /* is that sum multiplied by 1 / their number? */
    const bp_real *targets;
    size_t target_stride;
    const bp_real *case_weights;
    bool takes_snapshot;       /* take a snapshot of the weights before the first update of this call */
    bp_real *weights_snapshot; /* gets the last snapshot, at the latest at the end */
    bp_real *scratch;          /* scratch(net, ...) values, aligned to 64 bytes */
    bool wants_squared_norm;
    bool finite;                 /* out: are all weights finite after the call? */
    size_t done;                 /* out: how many cases have updated the weights */
    double error, max_abs_error; /* in and out, as in small_pass, for these cases */
    double max_squared_norm;     /* in and out, if wanted: raised to the largest |gradient|^2 of an
                                  * update, after the division */
} small_online_run;

/* Kernels for a single case. states: one per layer. */
typedef struct small_case_table {
    /* y of all layers, eq. 1 and 2; also x where a state has an array for it. */
    void (*forward)(const small_net *net, const bp_real *weights, const small_state *states);
    /* delta of all layers between inputs and outputs, eq. 7 and 5, from that of the outputs. */
    void (*backward)(const small_net *net, const bp_real *weights, const small_state *states);
    /* gradient = dE/dw of all weights, eq. 6. */
    void (*weight_gradient)(const small_net *net, const small_state *states, bp_real *gradient);
} small_case_table;

/* Kernels for online training, described at small_online_run. */
typedef struct small_online_table {
    size_t lanes; /* of their vectors; 1: they have none */
    /* Values that it needs: for updates by any rule, or by KERNEL_MOMENTUM alone. */
    size_t (*scratch)(const small_net *net, bool any_rule);
    void (*begin)(small_online_run *run);
    void (*train)(small_online_run *run);
    void (*end)(small_online_run *run);
} small_online_table;

/* The kernels of small networks for one instruction set. */
typedef struct small_table {
    const char *name;                             /* of the kernel table that it belongs to */
    size_t (*pass_scratch)(const small_net *net); /* values of scratch */
    void (*run_pass)(small_pass *pass);
    const small_case_table *one_case;
    const small_online_table *online, *wide_online; /* the second: with vectors twice as long, or NULL */
} small_table;

#endif
