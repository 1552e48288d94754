/* Random recurrent networks with random cases, for comparing unrolled networks with the oracle. */
#ifndef TESTS_RANDOM_RECURRENT_H
#define TESTS_RANDOM_RECURRENT_H

#include "reference/recurrent.h"

/*
 * A network of 1 or 2 inputs and 1 to 4 further layers with connections of both kinds in any direction that
 * is allowed, self loops, shared matrices and biases, several outputs, every activation, initial states of
 * all kinds, sometimes scaling; 1 to 6 steps, inputs and outputs at some of them; 1 to 20 cases, sometimes
 * weighted.
 */
typedef struct random_recurrent {
    bp_network *net;
    bp_network *unrolled;
    reference *ref;
    recurrent_times times;
    bp_loss loss;
    reference_loss ref_loss;
    bp_data data; /* of all steps side by side */
    bp_real *inputs, *targets, *case_weights;
} random_recurrent;

random_recurrent *random_recurrent_create(uint64_t seed);
void random_recurrent_destroy(random_recurrent *random);

#endif
