/* Trainers with rules for whole sets, an iteration at a time, beside the oracle. */
#ifndef TESTS_TRAIN_WHOLE_SET_EXAMPLE_H
#define TESTS_TRAIN_WHOLE_SET_EXAMPLE_H

#include "reference/second_order.h"
#include "train/train_example.h"

/* The example's network and cases, whose outputs are logistic and have weights per case; F is the mean of E
 * and a decay. */
typedef struct side_by_side {
    pair ours;
    bp_data data;
    reference_objective oracle;
    size_t weights;
} side_by_side;

/* Defaults for squared error, but the optimizer; one epoch per run. */
bp_trainer_options whole_set_options(bp_optimizer optimizer, const bp_stop_rule *rule);
side_by_side begin_side_by_side(bp_optimizer optimizer, uint64_t seed, bp_reduction reduction, double decay);
void end_side_by_side(side_by_side *s);

/* One iteration; the result. */
bp_result next_iteration(side_by_side *s);

/* The largest difference between our weights and the oracle's. */
double distance_to_oracle(const side_by_side *s);

/* F and its gradient by the oracle at our weights. The oracle's own weights stay. */
double value_of_ours(const side_by_side *s, double *gradient);

#endif
