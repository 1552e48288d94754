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

/*
 * A recurrent network that has the rest: delayed connections, one of which shares its matrix with one that is
 * not, shared biases, initial states fixed and learned. Unrolled over three steps it has inputs at the first
 * two and outputs at the last two.
 */
enum { RECURRENT_WEIGHTS = 18, RECURRENT_EXAMPLE_STEPS = 3 };
bp_status example_recurrent_create(bp_network **out, const bp_network_options *options);
bp_status example_unrolled_create(bp_network **out, const bp_network_options *options);
extern const unsigned char example_input_steps[RECURRENT_EXAMPLE_STEPS];
extern const unsigned char example_output_steps[RECURRENT_EXAMPLE_STEPS];

#endif
