/* What the tests of penalties share. */
#ifndef TESTS_TRAIN_PENALTY_EXAMPLE_H
#define TESTS_TRAIN_PENALTY_EXAMPLE_H

#include <float.h>

#include "train/train_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define EPSILON      TOLERANCE((double)FLT_EPSILON, DBL_EPSILON)

/* Squared error, the mean of all cases, and no choices; `rule` must live as long as they are used. */
bp_trainer_options penalty_options(bp_stop_rule *rule, size_t epochs);

/* Trains with them; asserts success. */
void train_with(bp_network *net, const bp_trainer_options *options, const bp_data *data);

/* w drawn towards 0 by t, but not past it. */
double soft_threshold(double w, double t);

#endif
