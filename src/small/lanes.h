/*
 * Training of a small network by batches whose cases fill the lanes of a vector, or most of them: passes
 * (small.h) find the gradient, with the weights in padded rows, in which no vector is short and biases are
 * weights like others. The run's `unpadded` is the description with the weights as the network has them.
 */
#ifndef BPI_SMALL_LANES_H
#define BPI_SMALL_LANES_H

#include "small/small.h"

/* Values of scratch memory, for a network with padded weights whose passes need `pass_scratch`: for updates
 * by any rule, or by those whose state is one vector. */
size_t bpi_small_lanes_scratch(const small_net *net, size_t pass_scratch, bool any_rule);

/* As small_online_table says, for runs with run_pass, pass_scratch and unpadded. Batches may have any size.
 */
extern const small_online_table bpi_small_lanes;

#endif
