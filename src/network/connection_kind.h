/*
 * The kinds of connection: which pairs of units have a weight, and which weights are one. A kind is a row of
 * a table; dense is one of them. Its products stand in engine/connection_product.h, its bytes in a model file
 * in format/model_kinds.c.
 */
#ifndef BPI_NETWORK_CONNECTION_KIND_H
#define BPI_NETWORK_CONNECTION_KIND_H

#include "network/types.h"

const connection_structure *bpi_connection_structure(const bp_connection *connection);

/* *count = number of weights of a connection's matrix; false if it cannot be computed, which does not happen
 * once the network is finalized. */
bool bpi_count_connection(const bp_connection *connection, size_t *count);
/* The number itself, of a finalized network. */
size_t bpi_connection_weight_count(const bp_connection *connection);

/*
 * Gives plan, which has its ends, the shape that the options ask for; dense if for none. Its memory is from
 * the network's allocator, and the caller's. Errors: ARGUMENT, with both names, if they ask for two kinds,
 * and those of the kind, which leave nothing to release.
 */
bp_status bpi_plan_shape(const char *function, bp_connection *plan, const bp_connect_options *options);

/* SIZE, ARGUMENT or STRUCTURE, with the connection's name, if its shape does not fit its layers. */
bp_status bpi_check_shape(const char *function, const bp_connection *connection);

/* Tells the receiving layer how its biases are shared by a connection of a checked shape. */
void bpi_apply_bias_sharing(const bp_connection *connection);

/* A copy of a connection's shape with memory of its own; false when there is no memory. And the destructor,
 * which takes shapes that point to nothing. */
bool bpi_shape_copy(connection_shape *copy, const bp_allocator *allocator, const bp_connection *connection);
void bpi_shape_clear(connection_shape *shape, const bp_allocator *allocator);

#endif
