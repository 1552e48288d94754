/* Finalizing a network: structure checks, and the layout of weights and columns. */
#ifndef BPI_NETWORK_STRUCTURE_H
#define BPI_NETWORK_STRUCTURE_H

#include "network/types.h"

/* bp_network_finalize with messages that begin with `function`. Trusts that the network is not finalized. */
bp_status bpi_finalize(const char *function, bp_network *net);

/* *count = number of weights that the structure of a network requires; false on overflow. */
bool bpi_count_weights(const bp_network *net, size_t *count);

/* OVERFLOW, with the layer, if the outputs of all layers for a block have no size in bytes. */
bp_status bpi_measure_units(const char *function, const bp_network *net);

/* Last step of finalizing: columns, uses of the slices, size of a block. Trusts that layers, connections and
 * outputs are complete, slices laid out and weights allocated. */
void bpi_finish_layout(bp_network *net);

#endif
