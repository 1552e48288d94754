/* Data with noise, networks for them, and the weight decay that a trainer should choose, in plain loops. */
#ifndef TESTS_TRAIN_DECAY_EXAMPLE_H
#define TESTS_TRAIN_DECAY_EXAMPLE_H

#include "train/train_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { DECAY_CASES = 200, DECAY_INPUTS = 3, DECAY_WEIGHTS = DECAY_INPUTS + 1 };

/* `cases` cases of 3 inputs and a target that is linear in them, with noise. */
bp_data decay_data(size_t cases);

/* The strength for networks without logistic hidden units. */
double wanted_decay(const bp_data *data);

/* Without hidden units: DECAY_INPUTS weights and a bias, all of them set. */
bp_network *decay_linear_network(void);

/* With 4 hidden units, and initial weights drawn. */
bp_network *decay_hidden_network(bp_activation hidden, bp_activation output);

/* The defaults with a rate of the caller's, and unscaled data. */
bp_trainer_options decay_options(const bp_stop_rule *rule);

#endif
