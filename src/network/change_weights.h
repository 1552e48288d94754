/* The weights of a network, to be changed. Everything that changes them asks here for the pointer, each time
 * anew: so whoever keeps something that was made from weights sees by weight_version that they are others. */
#ifndef BPI_NETWORK_CHANGE_WEIGHTS_H
#define BPI_NETWORK_CHANGE_WEIGHTS_H

#include "network/types.h"

static inline bp_real *bpi_change_weights(bp_network *net)
{
    net->weight_version++;
    return net->changing_weights;
}

#endif
