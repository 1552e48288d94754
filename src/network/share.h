/* Shared weights: several connections use one matrix, several layers the same biases. */
#ifndef BPI_NETWORK_SHARE_H
#define BPI_NETWORK_SHARE_H

#include "network/types.h"

/* The connection or layer that owns the weights: the root of all those that share them. */
bp_connection *bpi_matrix_owner(bp_connection *connection);
bp_layer *bpi_bias_owner(bp_layer *layer);

/* The public functions of like name, with messages that begin with `function`. They trust that the handles
 * are not NULL and the network is not finalized. */
bp_status bpi_share(const char *function, bp_connection *connection, bp_connection *with);
bp_status bpi_share_bias(const char *function, bp_layer *layer, bp_layer *with);

#endif
