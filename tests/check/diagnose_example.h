/* Healthy data and a healthy network, for the tests of bp_diagnose to spoil. */
#ifndef TESTS_CHECK_DIAGNOSE_EXAMPLE_H
#define TESTS_CHECK_DIAGNOSE_EXAMPLE_H

#include "support/support.h"

/* 300 cases of 5 inputs and 3 targets, and 100 others for validation; a 5-8-3 network of tanh units. */
enum { CASES = 300, OTHERS = 100, INPUTS = 5, HIDDEN = 8, OUTPUTS = 3, MAX_FOUND = 40, SEEDS = 5 };

typedef struct diagnose_example {
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS];
    bp_real other_inputs[OTHERS * INPUTS], other_targets[OTHERS * OUTPUTS];
    bp_data training, validation;
    bp_network *net;
    bp_finding found[MAX_FOUND];
    size_t count;
} diagnose_example;

/* Inputs about 0 of standard deviation 1. Targets: the class, one-hot, of a softmax network; or three numbers
 * about 0, of a network with linear outputs. */
diagnose_example *make_classes(uint64_t seed);
diagnose_example *make_numbers(uint64_t seed);
/* The same cases with other hidden and output units. */
void replace_network(diagnose_example *e, bp_activation hidden, bp_activation output);
void free_example(diagnose_example *e);

/* Diagnoses with or without the validation cases; asserts success. */
void diagnose(diagnose_example *e, bp_loss loss);
void diagnose_with_validation(diagnose_example *e, bp_loss loss);

/* The one finding of a kind, which is asserted to be there; asserts that there is none. */
const bp_finding *found(const diagnose_example *e, bp_finding_kind kind);
void assert_not_found(const diagnose_example *e, bp_finding_kind kind);
/* Nothing at all. */
void assert_healthy(const diagnose_example *e);

bp_real *input_of(diagnose_example *e, size_t row, size_t column);
bp_real *target_of(diagnose_example *e, size_t row, size_t column);

/* All weights of the network, as a copy to be changed and set. */
bp_real *copy_weights(const bp_network *net, size_t *count);
void set_weights(bp_network *net, bp_real *weights, size_t count);

#endif
