/*
 * What a network, a layer and a connection are. They are built in network.c, layer.c and connection.c,
 * and checked and laid out in structure.c; after finalize nothing here changes but weights, start-weight
 * rules and scaling.
 */
#ifndef BPI_MODEL_NETWORK_H
#define BPI_MODEL_NETWORK_H

#include <stdbool.h>

#include "backprop.h"
#include "kernel/kernel.h"

struct bp_layer {
    bp_network *network;
    char *name;
    size_t index;
    size_t units;
    bp_activation activation; /* the name of a custom one is owned by the layer */
    bool is_input, is_output, has_bias;
    size_t column;        /* input: its first column among the network's inputs */
    size_t output_column; /* output: its first column among the network's outputs */
    bp_init bias_init;
    size_t bias_offset; /* in the flat vector */

    bp_connection **incoming; /* in the order of connecting */
    size_t incoming_count, incoming_capacity;
    bp_connection **outgoing;
    size_t outgoing_count, outgoing_capacity;
};

struct bp_connection {
    bp_network *network;
    size_t index;
    bp_layer *from, *to;
    bp_init init;
    size_t offset; /* of its matrix (to->units rows, from->units columns) in the flat vector */
};

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
    bp_connection **connections;
    size_t connection_count, connection_capacity;
    bp_layer **outputs; /* in the order of marking */
    size_t output_count, output_capacity;

    bool finalized;
    bool weights_set; /* drawn, set or loaded at least once */
    bp_real *weights;
    size_t weight_count;
    size_t input_width, output_width;
    column_scaling input_scaling, target_scaling;
    size_t block_cases; /* cases worked on at once; fixed by the sizes of the layers alone */
};

/* Number of weights of a connection's matrix. The network is finalized, so it does not overflow. */
size_t bpi_connection_weight_count(const bp_connection *connection);

/* STATE with the function's name unless the network is finalized, or (ready) its weights are also set. */
bp_status bpi_require_finalized(const char *function, const bp_network *net);
bp_status bpi_require_ready(const char *function, const bp_network *net);
/* STATE with the function's name if it is finalized: the structure is fixed. */
bp_status bpi_require_open(const char *function, const bp_network *net);

/* An empty network. Trusts the allocator and the kernel table. MEMORY. */
bp_status bpi_network_new(bp_network **out, const char *function, const bp_allocator *allocator,
                          const kernel_table *kernel);
/* Gives an empty network its table of known activations, copied with their names. NAME, MEMORY. */
bp_status bpi_network_know(bp_network *net, const char *function, const bp_activation *activations,
                           size_t count);

/* What the public functions of like name do, with messages that begin with `function`. They trust net and
 * handles not to be NULL, and net to be open; activation NULL: an input. */
bp_status bpi_add_layer(bp_layer **out, const char *function, bp_network *net, const char *name, size_t units,
                        const bp_activation *activation);
bp_status bpi_set_output(const char *function, bp_layer *layer);
bp_status bpi_connect(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                      bp_layer *to);
bp_status bpi_finalize(const char *function, bp_network *net);

/* As bpi_activation_check, with a message that begins with the function and whose activation it is. */
bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation);

/* *list, with room for *capacity pointers of which count are used, gets room for one more. False when there
 * is no memory. */
bool bpi_room_for_layer(const bp_allocator *allocator, bp_layer ***list, size_t *capacity, size_t count);

/* Destructor of half-built objects too; takes NULL. */
void bpi_layer_free(bp_layer *layer);

#endif
