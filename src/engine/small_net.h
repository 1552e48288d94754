/* What small kernels need to know of a small network (small/small.h). */
#ifndef BPI_ENGINE_SMALL_NET_H
#define BPI_ENGINE_SMALL_NET_H

#include "network/types.h"
#include "small/small.h"

/* The description of a network of which FACT_SMALL holds (plan.h): one block, released by bpi_release. NULL
 * when there is no memory. */
small_net *bpi_small_create(const bp_network *net);

#endif
