/*
 * What a network, a layer and a connection are. They are built in network.c, layer.c, names.c, connection.c,
 * share.c and state.c, and checked and laid out in structure.c; unroll.c makes layered networks out of
 * recurrent ones. After finalize nothing here changes but weights, start-weight rules and scaling.
 */
#ifndef BPI_MODEL_NETWORK_H
#define BPI_MODEL_NETWORK_H

#include <stdbool.h>

#include "backprop.h"
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
    bool leads_on;         /* is an output, or leads to one; known after the structure was checked */
    size_t column;         /* input: its first column among the network's inputs */
    size_t output_column;  /* output: its first column among the network's outputs */
    size_t units_per_bias; /* that follow on each other and have one bias; 1, or as fields ask for */
    bp_init bias_init;
    bp_layer *shares_bias; /* a layer whose biases it uses, which may use another's in turn; NULL: its own */
    bool has_shared_bias;  /* it shares with another, whichever of them points to the other */
    size_t bias_slice;     /* index of the slice, and where it begins in the flat vector */
    size_t bias_offset;
    bool bias_writes_first; /* see bp_connection.writes_first */

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
typedef struct masked_rows {
    size_t *starts; /* one more than units receive */
    uint32_t *sources;
} masked_rows;

/* Which pairs of units have a weight, and which weights are one; see connection_kind.h. */
typedef struct connection_shape {
    bp_connectivity kind;
    masked_rows rows; /* masked only */
    bp_field field;   /* a field only */
} connection_shape;

struct bp_connection {
    bp_network *network;
    size_t index;
    bp_layer *from, *to;
    bool is_delayed;        /* y of `from` at one time step goes into x of `to` at the next */
    connection_shape shape; /* its memory is the connection's, or that of its origin */
    bp_init init;
    bp_connection
        *shares;       /* a connection whose matrix it uses, which may use another's in turn; NULL: its own */
    size_t slice;      /* index of the slice */
    size_t offset;     /* of its matrix in the flat vector */
    bool writes_first; /* of all places that use the slice, it comes first in the backward pass */
    bp_connection *origin; /* in an unrolled network: the connection of the original */
};

/* The layers by name. */
typedef struct name_table {
    bp_layer **layers; /* NULL where a slot is empty */
    size_t slots;      /* a power of two, or 0 */
} name_table;

/* Offset and factor per column; both NULL: the column is used as it is. */
typedef struct column_scaling {
    bp_real *offset, *factor;
} column_scaling;

struct bp_network {
    bp_allocator allocator;
    const kernel_table *kernel;
    bp_activation *known_activations; /* the caller's table, copied with its names */
    size_t known_activation_count;
    bp_init init; /* of connections and biases added from now on */

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
    size_t block_cases; /* cases worked on at once; fixed by the sizes of the layers alone */
    small_net *small;   /* what small kernels know of it; NULL if it is not small (model/small.h) */

    /* An unrolled network owns a copy of the recurrent one, which has its structure and its rules for start
     * weights; that copy's weights mean nothing. NULL in all others. */
    bp_network *original;
    size_t steps;
    unsigned char *step_flags; /* one per step, bits of step_flag */
};

enum step_flag { STEP_HAS_INPUT = 1, STEP_HAS_OUTPUT = 2, STEP_FLAGS = STEP_HAS_INPUT | STEP_HAS_OUTPUT };

/* The slice of a place before finalize. */
#define BPI_NO_SLICE SIZE_MAX

/* *count = number of weights of a connection's matrix; false if it cannot be computed, which does not happen
 * once the network is finalized. */
bool bpi_count_connection(const bp_connection *connection, size_t *count);
/* The number itself, of a finalized network. */
size_t bpi_connection_weight_count(const bp_connection *connection);

/* Number of biases of a layer, 0 if they are switched off. */
size_t bpi_bias_count(const bp_layer *layer);

/* "'a' -> 'b'", for messages. */
typedef struct connection_text {
    char text[208];
} connection_text;
connection_text bpi_connection_text(const bp_connection *connection);

/* STATE with the function's name unless the network is finalized, or (ready) its weights are also set. */
bp_status bpi_require_finalized(const char *function, const bp_network *net);
bp_status bpi_require_ready(const char *function, const bp_network *net);
/* STATE with the function's name if it has delayed connections, so that it must be unrolled first. */
bp_status bpi_require_layered(const char *function, const bp_network *net);
/* STATE with the function's name if it is finalized: the structure is fixed. */
bp_status bpi_require_open(const char *function, const bp_network *net);

/* An empty network. Trusts the allocator and the kernel table. MEMORY. */
bp_status bpi_network_new(bp_network **out, const char *function, const bp_allocator *allocator,
                          const kernel_table *kernel);
/* Gives an empty network its table of known activations, copied with their names. NAME, MEMORY. */
bp_status bpi_network_know(bp_network *net, const char *function, const bp_activation *activations,
                           size_t count);

/* What the public functions of like name do, with messages that begin with `function`. They trust out, net
 * and handles not to be NULL, and net to be open; activation NULL: an input. */
bp_status bpi_network_create(bp_network **out, const char *function, const bp_network_options *options);
bp_status bpi_add_layer(bp_layer **out, const char *function, bp_network *net, const char *name, size_t units,
                        const bp_activation *activation);
bp_status bpi_set_output(const char *function, bp_layer *layer);
bp_status bpi_connect(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                      bp_layer *to);
bp_status bpi_connect_delayed(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                              bp_layer *to);
/* Connects as plan says with its ends, delay and shape, which is the network's once this is BP_OK. */
bp_status bpi_connect_as(bp_connection **out, const char *function, bp_network *net,
                         const bp_connection *plan);
bp_status bpi_share(const char *function, bp_connection *connection, bp_connection *with);
bp_status bpi_share_bias(const char *function, bp_layer *layer, bp_layer *with);
bp_status bpi_set_initial_state(const char *function, bp_layer *layer, const bp_real *values, bool learned);
bp_status bpi_finalize(const char *function, bp_network *net);
bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net);

/* As bpi_add_layer and bpi_connect, without looking at whether the name or the ends will do. MEMORY. */
bp_status bpi_append_layer(bp_layer **out, const char *function, bp_network *net, const char *name,
                           size_t units, const bp_activation *activation);
bp_status bpi_append_connection(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                                bp_layer *to);

/* The connection or layer that stands for all those that share with it. */
bp_connection *bpi_matrix_owner(bp_connection *connection);
bp_layer *bpi_bias_owner(bp_layer *layer);

/* The number of weights that the structure of a network asks for; false if it cannot be computed. */
bool bpi_count_weights(const bp_network *net, size_t *count);

/* OVERFLOW, with the layer, if the layers together have more units than can be worked with. */
bp_status bpi_measure_units(const char *function, const bp_network *net);

/* What is left to do when layers, connections and outputs are there, slices placed and weights allocated:
 * columns, places of the slices, size of a block. The network is then finalized. */
void bpi_complete(bp_network *net);

/*
 * *out = the layered network of `steps` copies of original, a finalized network that is none of this kind
 * itself; flags has a step_flag for each. *out owns original then. OVERFLOW, MEMORY: original stays the
 * caller's.
 */
bp_status bpi_unroll(bp_network **out, const char *function, bp_network *original, size_t steps,
                     const unsigned char *flags);

/* As bpi_activation_check, with a message that begins with the function and whose activation it is. */
bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation);

/* *list, with room for *capacity pointers of which count are used, gets room for one more. False when there
 * is no memory. */
bool bpi_room_for_layer(const bp_allocator *allocator, bp_layer ***list, size_t *capacity, size_t count);

/* The table, of `count` layers, gets room for one more. False when there is no memory. */
bool bpi_names_reserve(const bp_allocator *allocator, name_table *names, size_t count);
/* There is room, and no layer of this name in the table. */
void bpi_names_add(name_table *names, bp_layer *layer);

/* Destructor of half-built objects too; takes NULL. */
void bpi_layer_free(bp_layer *layer);

#endif
