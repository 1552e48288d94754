/* Which weight, if any, connects each pair of units of a connection, after the words of the public header. */
#ifndef TESTS_REFERENCE_SHAPE_H
#define TESTS_REFERENCE_SHAPE_H

#include "reference/reference.h"

/* Fills in what of connection n depends on its kind, and the units per bias of the layer that it ends in. */
void reference_number_weights(reference *ref, const bp_network *net, size_t n);

#endif
