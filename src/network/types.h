/* What a network, a layer and a connection are. After finalize nothing in them changes but weights, rules for
 * initial weights, scaling and attachments. */
#ifndef BPI_NETWORK_TYPES_H
#define BPI_NETWORK_TYPES_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"
#include "kernel/kernel.h"

/*
 * A part of the flat vector: a matrix, the biases of a layer, or a learned initial state. Several places of a
 * network may use one.
 */
typedef struct vector_slice {
    size_t offset, count;
    size_t places; /* of each of its weights; 0 only in an unrolled network */
    size_t first;  /* least index of a connection or layer that uses it */
} vector_slice;

struct bp_layer {
    bp_network *network;
    char *name;
    size_t index;
    size_t units;
    bp_activation activation; /* the name of a custom one is owned by the layer */
    bool is_input, is_output, has_bias;
    bool reaches_output;   /* is an output, or leads to one; known after the structure was checked */
    size_t column;         /* input: its first column among the network's inputs */
    size_t output_column;  /* output: its first column among the network's outputs */
    size_t units_per_bias; /* that follow on each other and have one bias; 1, or as fields ask for */
    bp_weight_init bias_init;
    bp_layer *shares_bias; /* a layer whose biases it uses, which may use another's in turn; NULL: its own */
    bool has_shared_bias;  /* it shares with another, whichever of them points to the other */
    size_t bias_slice;     /* index of the slice, and where it begins in the flat vector */
    size_t bias_offset;
    bool is_first_bias_writer; /* see bp_connection.is_first_writer */

    /* The outputs y at step 0, for layers that delayed connections leave; in an unrolled network the y of
     * layers that stand for such a step. */
    bp_real *initial_state; /* NULL: zeros. If learned, what the weights start from */
    bool has_initial_state; /* set by the caller, not the default */
    bool learns_state;
    size_t state_slice, state_offset;

    bp_layer *origin; /* in an unrolled network: the layer of the original that it is a copy of */

    bp_connection **incoming; /* in the order of connecting */
    size_t incoming_count, incoming_capacity;
    bp_connection **outgoing;
    size_t outgoing_count, outgoing_capacity;
};

/*
 * The units that each receiving unit j of a masked connection receives from: sources starts[j] up to
 * starts[j + 1], in ascending order. The weights of the slice stand in the same order.
 */
typedef struct csr_rows {
    size_t *starts; /* one more than units receive */
    uint32_t *sources;
} csr_rows;

/* Which pairs of units have a weight, and which weights are one; see connection_kind.h. */
typedef struct connection_shape {
    bp_connection_kind kind;
    csr_rows rows;        /* masked only */
    bp_convolution field; /* a field only */
} connection_shape;

struct bp_connection {
    bp_network *network;
    size_t index;
    bp_layer *from, *to;
    bool is_delayed;        /* y of `from` at one time step goes into x of `to` at the next */
    connection_shape shape; /* its memory is the connection's, or that of its origin */
    bp_weight_init init;
    bp_connection
        *shares;   /* a connection whose matrix it uses, which may use another's in turn; NULL: its own */
    size_t slice;  /* index of the slice */
    size_t offset; /* of its matrix in the flat vector */
    bool is_first_writer;  /* of all places that use the slice, it comes first in the backward pass */
    bp_connection *origin; /* in an unrolled network: the connection of the original */
};

/* A weight's place: the units that it connects. Where it has several places, the first. */
typedef struct weight_place {
    size_t unit, from_unit;
} weight_place;

/* What a kind of connection is; see connection_kind.h. */
typedef struct connection_structure {
    /* See bpi_check_shape; NULL: any layers will do. */
    bp_status (*check)(const char *function, const bp_connection *connection);
    /* The slice is a matrix of this size, whose product may overflow. */
    void (*matrix)(const bp_connection *connection, size_t *rows, size_t *columns);
    /* How many pairs of units each weight connects. */
    size_t (*pairs_per_weight)(const bp_connection *connection);
    /* How many units of the receiving layer have one bias; NULL: whatever others require. */
    size_t (*units_per_bias)(const bp_connection *connection);
    weight_place (*locate)(const bp_connection *connection, size_t weight);
    /* Why two connections of this kind cannot have one matrix; NULL if they can. */
    const char *(*difference)(const bp_connection *a, const bp_connection *b);
    /* "3 x 4", for messages. */
    void (*describe)(const bp_connection *connection, char *text, size_t capacity);
    /* Gives *copy memory of its own for what the connection's shape points to; NULL: it points to nothing.
     * False when there is no memory, and *copy then points to nothing. */
    bool (*copy)(connection_shape *copy, const bp_allocator *allocator, const bp_connection *connection);
} connection_structure;

/* The layers by name. */
typedef struct name_table {
    bp_layer **layers; /* NULL where a slot is empty */
    size_t slots;      /* a power of two, or 0 */
} name_table;

/* Offset and factor per column; both NULL: the column is used as it is. */
typedef struct column_scaling {
    bp_real *offset, *factor;
} column_scaling;

/* Something that a network owns without knowing what it is; see attachment.h. */
typedef struct attachment {
    const char *name;
    void *content;
    void (*release)(void *content, const bp_allocator *allocator);
    struct attachment *next;
} attachment;

struct bp_network {
    bp_allocator allocator;
    const kernel_table *kernel;
    bp_activation *registered_activations; /* the caller's table, copied with its names */
    size_t registered_activation_count;
    bp_weight_init init; /* of connections and biases added from now on */

    bp_layer **layers;
    size_t layer_count, layer_capacity;
    name_table names;
    bp_connection **connections;
    size_t connection_count, connection_capacity;
    bp_layer **outputs; /* in the order of marking */
    size_t output_count, output_capacity;

    bool finalized;
    bool weights_set; /* drawn, set or loaded at least once */
    bp_real *weights;
    size_t weight_count;
    vector_slice *slices; /* in the order of the vector, without gaps */
    size_t slice_count;
    bool has_shared_slices;  /* with several places */
    bool has_unused_slices;  /* with none */
    bool has_plain_gradient; /* every connection is dense, every slice has one place: dE/dw = dE/dx y */
    size_t delayed_count;    /* of connections; the engine only runs networks that have none */
    size_t input_width, output_width;
    column_scaling input_scaling, target_scaling;
    attachment *attachments; /* the newest first */
    size_t block_cases;      /* cases worked on at once; fixed by the sizes of the layers alone */

    /* An unrolled network owns a copy of the recurrent one, which has its structure and its rules for start
     * weights; that copy's weights mean nothing. NULL in all others. */
    bp_network *original;
    size_t steps;
    unsigned char *step_flags; /* one per step, bits of step_flag */
};

enum step_flag { STEP_HAS_INPUT = 1, STEP_HAS_OUTPUT = 2, STEP_FLAGS = STEP_HAS_INPUT | STEP_HAS_OUTPUT };

/* The slice of a place before finalize. */
#define BPI_NO_SLICE SIZE_MAX

#endif
