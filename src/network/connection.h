/* Connecting layers. */
#ifndef BPI_NETWORK_CONNECTION_H
#define BPI_NETWORK_CONNECTION_H

#include "network/types.h"

/* What bp_network_connect does, with messages that begin with `function`. Both trust the handles not to be
 * NULL, and the network not to be finalized. */
bp_status bpi_connect(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                      bp_layer *to);
/* Connects with the ends, delay, rule for initial weights (kind 0: the network's) and shape of `plan`; the
 * network owns the shape's memory if this is BP_OK. */
bp_status bpi_connect_as(bp_connection **out, const char *function, bp_network *net,
                         const bp_connection *plan);
/* As bpi_connect, without checking the ends. MEMORY. */
bp_status bpi_append_connection(bp_connection **out, const char *function, bp_network *net, bp_layer *from,
                                bp_layer *to);

void bpi_connection_free(bp_connection *connection);

#endif
