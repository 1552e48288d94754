/* What the tests of several starts share. */
#ifndef TESTS_STARTS_EXAMPLE_H
#define TESTS_STARTS_EXAMPLE_H

#include "train/train_example.h"

bp_starts_options starts_with(size_t count, size_t threads, uint64_t seed);

/* One call and all that came of it. */
typedef struct outcome {
    bp_network *net;
    size_t count;
    bp_network *networks[32];
    bp_start_result results[32];
    bp_starts_summary summary;
} outcome;

/* Trains a network of the caller's, which *out takes; asserts success. */
void train_from_starts(outcome *out, bp_network *net, const bp_trainer_options *options,
                       const bp_data *training, const bp_data *validation, const bp_starts_options *starts);
void end_outcome(outcome *out);

/* Asserts that all but the times are the same, bit for bit. */
void assert_same_outcome(const outcome *a, const outcome *b);

/* 2-2-1 logistic units: the smallest net for the exclusive-or, which often gets stuck. */
bp_network *small_xor_network(void);

/* 40 cases of a curve in raw units: inputs about 1000, targets about 50. An 1-6-1 network for them. */
bp_data curve_data(void);
bp_network *curve_network(void);

#endif
