/*
 * A network that has everything a model file can hold: two inputs, connections that skip layers, an
 * activation of the caller's, a layer without biases, two outputs not in the order of the layers, scaling on
 * both sides.
 */
#ifndef TESTS_FORMAT_MODEL_EXAMPLE_H
#define TESTS_FORMAT_MODEL_EXAMPLE_H

#include "backprop.h"

enum { EXAMPLE_INPUTS = 3, EXAMPLE_OUTPUTS = 3, EXAMPLE_WEIGHTS = 35 };

/* y = x / (1 + |x|), under the name "softsign". */
bp_activation example_softsign(void);

/* Its weights are multiples of 1/16, exact in every precision. */
bp_status example_create(bp_network **out, const bp_network_options *options);

#endif
