/* A random network of a group. */
#ifndef TESTS_BITS_NETWORK_H
#define TESTS_BITS_NETWORK_H

#include "backprop.h"
#include "bits/draw.h"
#include "bits/group.h"

typedef struct random_net {
    bp_network *net; /* with weights; unrolled if it is recurrent */
    bp_loss loss;
    int is_probability; /* the loss takes targets in 0..1 only */
    size_t steps;       /* 1, or those of a recurrent network with inputs and outputs at every one */
} random_net;

/* The network `number` of a group, for an instruction set that this CPU has. */
random_net random_net_create(const network_group *group, size_t number, const char *isa, draw_stream *stream);
void random_net_destroy(random_net *made);

#endif
