/*
 * The kinds of connection: which pairs of units have a weight, and which pairs share one. A kind is a row of
 * a table of functions (connection_structure in types.h). Its matrix products are in
 * engine/connection_product.h, its part of a model file in format/model_kinds.c.
 */
#ifndef BPI_NETWORK_CONNECTION_KIND_H
#define BPI_NETWORK_CONNECTION_KIND_H

#include "network/types.h"

const connection_structure *bpi_connection_structure(const bp_connection *connection);
/* For messages: "... is <name>". Of any number. */
const char *bpi_connection_kind_name(uint64_t kind);

/* *count = number of weights of a connection; false on overflow, which finalizing the network rules out. */
bool bpi_count_connection(const bp_connection *connection, size_t *count);
/* The same in a finalized network. */
size_t bpi_connection_weight_count(const bp_connection *connection);

/* How many consecutive units of a layer receive by the same weights: the positions of its convolutions, if
 * nothing else leads to it and they have as many; else 1. */
size_t bpi_units_per_vector(const bp_layer *layer);

/*
 * Builds the shape of plan, whose ends are set, from the options: dense if they select no kind. Its memory is
 * allocated by the network's allocator and owned by the caller. ARGUMENT, with both options, if they select
 * two kinds, and the errors of the kind; nothing is allocated then.
 */
bp_status bpi_plan_shape(const char *function, bp_connection *plan, const bp_connect_options *options);

/* SIZE, ARGUMENT or STRUCTURE, with the connection's name, if its shape does not fit its layers. */
bp_status bpi_check_shape(const char *function, const bp_connection *connection);

/* Sets how many units of the receiving layer share a bias; for a connection whose shape was checked. */
void bpi_apply_bias_sharing(const bp_connection *connection);

/* Deep copy of a connection's shape; false when there is no memory. */
bool bpi_shape_copy(connection_shape *copy, const bp_allocator *allocator, const bp_connection *connection);
/* Releases a shape's memory, if it has any. */
void bpi_shape_clear(connection_shape *shape, const bp_allocator *allocator);

#endif
