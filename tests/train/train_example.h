/* Small networks and cases that the tests of training share, and eq. 9 in plain double-precision loops. */
#ifndef TESTS_TRAIN_EXAMPLE_H
#define TESTS_TRAIN_EXAMPLE_H

#include <stdbool.h>

#include "support/support.h"

/* 13 cases of 3 inputs and 2 targets; 7 others to validate with. */
enum { EXAMPLE_CASES = 13, EXAMPLE_INPUTS = 3, EXAMPLE_OUTPUTS = 2, EXAMPLE_OTHERS = 7 };
bp_data example_training(void);
bp_data example_validation(void);

/* A 3-4-2 network, tanh and logistic, with initial weights drawn from seed. allocator may be NULL. */
bp_network *example_network(uint64_t seed);
bp_status example_network_create(bp_network **out, const bp_allocator *allocator, uint64_t seed);
enum { EXAMPLE_WEIGHTS = 4 * 3 + 4 + 2 * 4 + 2 };

/* The exclusive-or, and a 2-3-1 logistic network for it. */
bp_data xor_data(void);
bp_network *xor_network(uint64_t seed);

/*
 * One linear unit, one weight, 0, no bias; case c has input 1 and target -c, so that its derivative is c as
 * long as the weight stays 0.
 */
enum { NUMBERED_CASES = 10 };
bp_network *numbered_network(void);
bp_data numbered_data(void);

/* Defaults with these rules; a trainer of them; asserts success. */
bp_trainer_options options_with(const bp_stop_rule *rules, size_t count);
bp_trainer *make_trainer(bp_network *net, const bp_trainer_options *options);
/* A network and a trainer of it, which are released together. */
typedef struct pair {
    bp_network *net;
    bp_trainer *trainer;
} pair;
pair make_pair(bp_network *net, const bp_trainer_options *options);
pair make_pair_with_rules(bp_network *net, const bp_stop_rule *rules, size_t count);
void end_pair(pair *both);

/* The status of creating the example network and a trainer of it, and of a run. pair: what was made, to be
 * released by end_pair(). */
bp_status create_and_train(pair *made, const bp_allocator *allocator, const bp_trainer_options *options);

/* A result that is ready to be filled. */
bp_result empty_result(void);
/* Trains and asserts that it ended with a reason. */
bp_result train_until(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                      bp_stop_reason reason);

/* E of data with the network's weights, squared error. */
double error_of(const bp_network *net, const bp_data *data);

void assert_same_weights(const bp_network *a, const bp_network *b);
/* But for roundings, as after the same training on two paths. */
void assert_alike_weights(const bp_network *a, const bp_network *b);
bool same_weights(const bp_network *a, const bp_network *b);

/* A training in double: only the gradient of a batch comes from the library. */
typedef struct follower {
    bp_network *net;
    bp_workspace *workspace;
    double weights[EXAMPLE_WEIGHTS], last_update[EXAMPLE_WEIGHTS], gradient[EXAMPLE_WEIGHTS];
    double error; /* of the last batch, before the update */
} follower;
void follower_start(follower *f, const bp_network *net);
/* [RHW86] eq. 9 from the derivatives of cases order[0] ... order[count - 1], summed or divided by count. */
void follower_update(follower *f, const bp_data *data, const size_t *order, size_t count, bool mean,
                     double rate, double momentum, double decay);
void follower_end(follower *f);

#endif
