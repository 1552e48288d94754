/* Connections of a random kind, for random networks. */
#ifndef TESTS_RANDOM_SHAPE_H
#define TESTS_RANDOM_SHAPE_H

#include "backprop.h"

/*
 * Connects two layers: every unit with every unit, or now and then by a mask, of which there are few for
 * layers of given sizes, so that the masks of two connections may be the same, or by kernels, if a field is
 * found that fits.
 */
void random_connect(uint64_t *state, bp_network *net, bp_layer *from, bp_layer *to, int is_delayed);

/* Can two connections share, as bp_connection_share describes it? */
int random_may_share(const bp_connection *a, const bp_connection *b);

#endif
