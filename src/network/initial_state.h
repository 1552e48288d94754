/* The initial state: the outputs at step 0 of a layer that delayed connections leave. */
#ifndef BPI_NETWORK_INITIAL_STATE_H
#define BPI_NETWORK_INITIAL_STATE_H

#include "network/types.h"

/* What bp_layer_set_initial_state does, with messages that begin with `function`. Trusts the network not to
 * be finalized. */
bp_status bpi_set_initial_state(const char *function, bp_layer *layer, const bp_real *values, bool learned);

#endif
