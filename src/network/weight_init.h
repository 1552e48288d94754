/* Rules for initial weights. */
#ifndef BPI_NETWORK_WEIGHT_INIT_H
#define BPI_NETWORK_WEIGHT_INIT_H

#include "network/types.h"

/* ARGUMENT or NOT_FINITE, in a message that begins with `where`, unless kind and parameters are valid. */
bp_status bpi_check_weight_init(const char *where, const bp_weight_init *init);

#endif
