/* Connecting layers. */
#ifndef BPI_NETWORK_CONNECTION_H
#define BPI_NETWORK_CONNECTION_H

#include "network/types.h"

/* What bp_network_connect does, with messages that begin with `function`. Both trust the handles not to be
 * NULL, and the network not to be finalized. */
bp_status bpi_connect(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                      bp_layer *to);
/* Connects as plan says with its ends, delay, rule for initial weights (kind 0: the network's) and shape,
 * whose memory is the network's once this is BP_OK. */
bp_status bpi_connect_as(bp_connection **out, const char *function, bp_network *net,
                         const bp_connection *plan);
/* As bpi_connect, without looking at whether the ends will do. MEMORY. */
bp_status bpi_append_connection(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                                bp_layer *to);

void bpi_connection_free(bp_connection *connection);

#endif
