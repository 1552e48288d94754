/* Shared weights: several connections use one matrix, several layers the same biases. */
#ifndef BPI_NETWORK_SHARE_H
#define BPI_NETWORK_SHARE_H

#include "network/types.h"

/* The connection or layer that stands for all those that share with it. */
bp_connection *bpi_matrix_owner(bp_connection *connection);
bp_layer *bpi_bias_owner(bp_layer *layer);

/* What the public functions of like name do, with messages that begin with `function`. They trust the handles
 * not to be NULL, and the network not to be finalized. */
bp_status bpi_share(const char *function, bp_connection *connection, bp_connection *with);
bp_status bpi_share_bias(const char *function, bp_layer *layer, bp_layer *with);

#endif
