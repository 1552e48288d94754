/* The layered network that is equivalent to some time steps of a recurrent one, [RHW86] figure 5. */
#ifndef BPI_NETWORK_UNROLLED_H
#define BPI_NETWORK_UNROLLED_H

#include "network/types.h"

/* OVERFLOW, with the maximum, if a network cannot be unrolled over so many steps. */
bp_status bpi_check_steps(const char *function, const bp_network *original, size_t steps);

/*
 * *out = the layered network of `steps` copies of original, which is finalized and not unrolled itself; flags
 * has a step_flag for each step. *out owns original. On failure, OVERFLOW or MEMORY, the caller still does.
 */
bp_status bpi_unroll(bp_network **out, const char *function, bp_network *original, size_t steps,
                     const unsigned char *flags);

#endif
