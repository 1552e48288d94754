/* The state that a call requires of a network. STATE, with the function's name, if it is in another. */
#ifndef BPI_NETWORK_REQUIRE_H
#define BPI_NETWORK_REQUIRE_H

#include "network/types.h"

/* Finalized. */
bp_status bpi_require_finalized(const char *function, const bp_network *net);
/* Finalized, and its weights are set. */
bp_status bpi_require_ready(const char *function, const bp_network *net);
/* Without delayed connections: a recurrent network must be unrolled first. */
bp_status bpi_require_layered(const char *function, const bp_network *net);
/* UNSUPPORTED if the slope of an activation is 0, so that there is no gradient to learn by. */
bp_status bpi_require_slopes(const char *function, const bp_network *net);
/* Not finalized yet. */
bp_status bpi_require_unfinalized(const char *function, const bp_network *net);

#endif
