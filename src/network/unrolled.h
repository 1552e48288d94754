/* The layered network that stands for so many time steps of a recurrent one, [RHW86] figure 5. */
#ifndef BPI_NETWORK_UNROLLED_H
#define BPI_NETWORK_UNROLLED_H

#include "network/types.h"

/* OVERFLOW, with the greatest number, if a network cannot be unrolled over so many steps. */
bp_status bpi_check_steps(const char *function, const bp_network *original, size_t steps);

/*
 * *out = the layered network of `steps` copies of original, a finalized network that is none of this kind
 * itself; flags has a step_flag for each. *out owns original then. OVERFLOW, MEMORY: original stays the
 * caller's.
 */
bp_status bpi_unroll(bp_network **out, const char *function, bp_network *original, size_t steps,
                     const unsigned char *flags);

#endif
