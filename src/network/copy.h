/* A network of its own with the same structure, weights, rules and scaling. */
#ifndef BPI_NETWORK_COPY_H
#define BPI_NETWORK_COPY_H

#include "network/types.h"

/* What bp_network_copy does, with messages that begin with `function`, for a finalized network. */
bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net);

#endif
