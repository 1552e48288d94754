/* Initial states: the outputs at step 0 of layers that send delayed connections. */
#ifndef BPI_NETWORK_INITIAL_STATE_H
#define BPI_NETWORK_INITIAL_STATE_H

#include "network/types.h"

/* bp_layer_set_initial_state with messages that begin with `function`. Trusts that the network is not
 * finalized. */
bp_status bpi_set_initial_state(const char *function, bp_layer *layer, const bp_real *values, bool learned);

#endif
