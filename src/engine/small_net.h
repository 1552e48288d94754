/* The description of a small network for its kernels (small/small.h). */
#ifndef BPI_ENGINE_SMALL_NET_H
#define BPI_ENGINE_SMALL_NET_H

#include "network/types.h"
#include "small/small.h"

/* Describes a network for which FACT_SMALL holds (plan.h): with the weights where the network has them or,
 * unless `lanes` is 0, in padded rows for vectors of so many lanes. One block, to be released by bpi_release;
 * NULL when there is no memory. */
small_net *bpi_small_create(const bp_network *net, size_t lanes);

#endif
