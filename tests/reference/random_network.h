/* Random networks with random cases, for comparing the library with the oracle. */
#ifndef TESTS_RANDOM_NETWORK_H
#define TESTS_RANDOM_NETWORK_H

#include "reference/own_losses.h"

/*
 * A network of 1 to 3 inputs and up to 6 further layers, with skipping, masked and field connections, layers
 * without bias,
 * several outputs some of which lead on, every activation, sometimes scaling; a loss, sometimes with a
 * tolerance; and 1 to 300 cases, sometimes strided or weighted.
 */
typedef struct random_network {
    bp_network *net;
    reference *ref;
    bp_loss loss;
    reference_loss ref_loss;
    bp_data data;
    bp_real *inputs, *targets, *case_weights;
} random_network;

/* The activation that random networks use beside the built-in ones: a multiple of the inverse tangent, which
 * stands in its context; named "arctan". */
bp_activation random_custom_activation(void);
const reference_custom *random_custom_reference(void);

/* Gives a network scaling of inputs and, unless the loss needs targets in 0..1, of targets. */
void random_set_scaling(uint64_t *state, bp_network *net, reference_loss loss);

random_network *random_network_create(uint64_t seed);

/* The same with one or two inputs and 1 to 4 further layers one after the other, mostly of few units, none of
 * them softmax or custom; dense connections and squared error. */
random_network *random_chain_create(uint64_t seed);
void random_network_destroy(random_network *random);

/* Gives each output layer a loss of its own, in the library and in the oracle; random->loss refers to *own.
 */
void random_network_draw_losses(random_network *random, uint64_t *state, own_losses *own);

#endif
