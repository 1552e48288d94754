/* Finalizing a network: is its structure sound, and where does each weight and each column stand? */
#ifndef BPI_NETWORK_STRUCTURE_H
#define BPI_NETWORK_STRUCTURE_H

#include "network/types.h"

/* What bp_network_finalize does, with messages that begin with `function`. Trusts the network not to be
 * finalized. */
bp_status bpi_finalize(const char *function, bp_network *net);

/* The number of weights that the structure of a network requires; false if it cannot be computed. */
bool bpi_count_weights(const bp_network *net, size_t *count);

/* OVERFLOW, with the layer, if the layers together have more units than can be worked with. */
bp_status bpi_measure_units(const char *function, const bp_network *net);

/* What is left to do when layers, connections and outputs are there, slices placed and weights allocated:
 * columns, places of the slices, size of a block. The network is then finalized. */
void bpi_finish_layout(bp_network *net);

#endif
