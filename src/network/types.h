/* Network, layer and connection. After finalize only weights, weight initialization rules, scaling and
 * attachments change. */
#ifndef BPI_NETWORK_TYPES_H
#define BPI_NETWORK_TYPES_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"
#include "kernel/kernel.h"

/* How the weights of a slice are trained; see trainable.h. */
typedef struct slice_training {
    bool is_frozen; /* no update changes them */
    double rate_factor, decay_factor;
} slice_training;

/* A part of the flat vector: a matrix, the biases of a layer, a learned initial state. It may be shared. */
typedef struct vector_slice {
    size_t offset, count;
    size_t uses;  /* how many times each of its weights is used; 0 only in an unrolled network */
    size_t first; /* lowest index of a connection or layer that uses it */
    slice_training training;
} vector_slice;

struct bp_layer {
    bp_network *network;
    char *name;
    size_t index;
    size_t units;
    bp_activation activation; /* the name of a custom one is owned by the layer */
    bool is_input, is_output, has_bias;
    bool reaches_output;   /* is an output or leads to one; set by the structure check */
    bool is_fixed;         /* no weight that is trained leads to it, over however many layers */
    size_t column;         /* input: its first column among the network's inputs */
    size_t output_column;  /* output: its first column among the network's outputs */
    size_t output_index;   /* output: its number among them; of a copy at a time step, that of its origin */
    size_t units_per_bias; /* consecutive units that share one bias: 1, or the positions of a convolution */
    bp_weight_init bias_init;
    double dropout, noise;     /* in training; see unit_noise.h */
    bp_layer *shares_bias;     /* layer whose biases it uses, which may use another's; NULL: its own */
    bool has_shared_bias;      /* it uses another layer's biases, or another uses its own */
    size_t bias_slice;         /* index of the slice */
    size_t bias_offset;        /* of the slice in the flat vector */
    bool is_first_bias_writer; /* see bp_connection.is_first_writer */

    /* The outputs y at step 0, for layers that send delayed connections; in an unrolled network, the y of a
     * layer that is the copy for step 0. */
    bp_real *initial_state; /* NULL: zeros. If learned, the initial values of those weights */
    bool has_initial_state; /* set by the caller */
    bool learns_state;
    size_t state_slice, state_offset;

    bp_layer *origin; /* in an unrolled network: the layer of the original that this is a copy of */

    bp_connection **incoming; /* in the order of connecting */
    size_t incoming_count, incoming_capacity;
    bp_connection **outgoing;
    size_t outgoing_count, outgoing_capacity;
};

/*
 * The sparsity pattern of a masked connection in compressed sparse rows (CSR): unit j of the receiving layer
 * receives from units sources[starts[j]] .. sources[starts[j + 1] - 1], in ascending order. The weights of
 * the slice are in the same order.
 */
typedef struct csr_rows {
    size_t *starts; /* receiving units + 1 */
    uint32_t *sources;
} csr_rows;

/* Which pairs of units have a weight, and which pairs share one; see connection_kind.h. */
typedef struct connection_shape {
    bp_connection_kind kind;
    csr_rows rows;              /* masked only */
    bp_convolution convolution; /* convolution only */
} connection_shape;

struct bp_connection {
    bp_network *network;
    size_t index;
    bp_layer *from, *to;
    bool is_delayed;        /* y of `from` at one time step contributes to x of `to` at the next */
    connection_shape shape; /* its memory is owned by the connection or, if it has one, by its origin */
    bp_weight_init init;
    bp_connection *shares; /* connection whose matrix it uses, which may use another's; NULL: its own */
    size_t slice;          /* index of the slice */
    size_t offset;         /* of the slice in the flat vector */
    bool is_first_writer; /* the first use of the slice in the backward pass, which overwrites the gradient */
    bp_connection *origin; /* in an unrolled network: the connection of the original */
};

/* The pair of units that a weight connects: the first pair, if it connects several. */
typedef struct weight_place {
    size_t unit, from_unit;
} weight_place;

/* The functions of a kind of connection; see connection_kind.h. */
typedef struct connection_structure {
    const char *name; /* what a connection of this kind is, in messages */
    /* The option of bp_network_connect_with that selects this kind, and whether it is set; NULL: there is
     * none. */
    const char *option;
    bool (*is_requested)(const bp_connect_options *options);
    /* Builds plan->shape from the options, with memory from the plan's network. */
    bp_status (*plan)(const char *function, bp_connection *plan, const bp_connect_options *options);
    /* See bpi_check_shape; NULL: every shape fits. */
    bp_status (*check)(const char *function, const bp_connection *connection);
    /* Size of the slice as a matrix; rows * columns may overflow. */
    void (*matrix)(const bp_connection *connection, size_t *rows, size_t *columns);
    /* The weights with which a unit of the receiving layer receives: consecutive ones of the slice, from
     * `first`. Units that share a kernel have the same. */
    void (*row)(const bp_connection *connection, size_t unit, size_t *first, size_t *count);
    /* Number of pairs of units that each weight connects: consecutive units of so many share their row. */
    size_t (*pairs_per_weight)(const bp_connection *connection);
    /* Number of units of the receiving layer that share a bias; NULL: the kind has no say. */
    size_t (*units_per_bias)(const bp_connection *connection);
    /* The units that a weight connects. */
    weight_place (*locate)(const bp_connection *connection, size_t weight);
    /* Why two connections of this kind cannot share a matrix; NULL if they can. */
    const char *(*difference)(const bp_connection *a, const bp_connection *b);
    /* The shape in a message, such as "3 x 4". */
    void (*describe)(const bp_connection *connection, char *text, size_t capacity);
    /* Copies the memory that the shape points to; NULL: shapes of this kind have none. False, with nothing
     * allocated, when there is no memory. */
    bool (*copy)(connection_shape *copy, const bp_allocator *allocator, const bp_connection *connection);
    /* Releases that memory; NULL: there is none. */
    void (*clear)(connection_shape *shape, const bp_allocator *allocator);
} connection_structure;

/* A hash table of layers by name; see names.h. */
typedef struct name_table {
    bp_layer **layers; /* NULL: an empty slot */
    size_t slots;      /* a power of two, or 0 */
} name_table;

/* Offset and factor of each column; both NULL: no scaling. */
typedef struct column_scaling {
    bp_real *offset, *factor;
} column_scaling;

/* Who set the scaling of a network. */
typedef enum scaling_origin {
    SCALING_UNSET = 0,
    SCALING_FITTED, /* a trainer, by default */
    SCALING_GIVEN   /* the caller */
} scaling_origin;

/* A pointer of a higher floor that a network owns; see attachment.h. */
typedef struct attachment {
    const char *name;
    void *content;
    void (*release)(void *content, const bp_allocator *allocator);
    bp_status (*copy)(void **out, const char *function, const void *content, const bp_allocator *allocator);
    struct attachment *next;
} attachment;

struct bp_network {
    bp_allocator allocator;
    const kernel_table *kernel;
    bp_activation *registered_activations; /* options.activations, copied with the names */
    size_t registered_activation_count;
    bp_weight_init init; /* of connections and layers to be added */

    bp_layer **layers;
    size_t layer_count, layer_capacity;
    name_table names;
    bp_connection **connections;
    size_t connection_count, connection_capacity;
    bp_layer **outputs; /* in the order of marking */
    size_t output_count, output_capacity;

    bool finalized;
    bool weights_set;          /* drawn, set or loaded at least once */
    bool weights_drawn;        /* they are as bp_network_initialize drew them */
    uint64_t weights_changed;  /* so often by a call other than training */
    const bp_real *weights;    /* bpi_change_weights is the way to change them */
    bp_real *changing_weights; /* the same ones, for that function */
    uint64_t weight_version;   /* another number after every change, in training too */
    size_t weight_count;
    vector_slice *slices; /* in the order of the vector, without gaps */
    size_t slice_count;
    bool has_shared_slices;  /* some weight has several uses */
    bool has_unused_slices;  /* some weight has none */
    bool has_plain_gradient; /* every connection is dense, every weight has one use: dE/dw = dE/dx y */
    size_t delayed_count;    /* delayed connections; the engine runs networks without any */
    size_t input_width, output_width;
    column_scaling input_scaling, target_scaling;
    scaling_origin scaling_origin;
    attachment *attachments; /* newest first */
    size_t block_cases;      /* cases per block; depends on the sizes of the layers alone */

    /* An unrolled network owns a copy of the recurrent one, for its structure and its initialization rules;
     * the weights of that copy are not used. NULL in all others. */
    bp_network *original;
    size_t steps;
    unsigned char *step_flags; /* a step_flag for each step */
};

/* Bits. */
enum step_flag { STEP_HAS_INPUT = 1, STEP_HAS_OUTPUT = 2, STEP_FLAGS = STEP_HAS_INPUT | STEP_HAS_OUTPUT };

/* The index of a slice before finalize. */
#define BPI_NO_SLICE SIZE_MAX

#endif
