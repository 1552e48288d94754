/* Copies of networks: structure, weights, initialization rules and scaling. */
#ifndef BPI_NETWORK_COPY_H
#define BPI_NETWORK_COPY_H

#include "network/types.h"

/* bp_network_copy for a finalized network, with messages that begin with `function`. */
bp_status bpi_copy(bp_network **out, const char *function, const bp_network *net);

/* The same without some connection weights: those whose flag among the weights of `net`, or of the network
 * that it was unrolled from, is 0. keep may be NULL: all stay. A dense connection that loses some is masked
 * then; each keeps one at least, and a convolution all. */
bp_status bpi_copy_pruned(bp_network **out, const char *function, const bp_network *net,
                          const unsigned char *keep);

#endif
