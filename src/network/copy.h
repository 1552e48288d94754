/* Copies of networks: structure, weights, initialization rules and scaling. */
#ifndef BPI_NETWORK_COPY_H
#define BPI_NETWORK_COPY_H

#include "network/types.h"

/* bp_network_copy for a finalized network, with messages that begin with `function`. */
bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net);

#endif
