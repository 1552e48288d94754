/* Trainings with dropout and noise, and a step of one in plain loops. */
#ifndef TESTS_NOISE_EXAMPLE_H
#define TESTS_NOISE_EXAMPLE_H

#include "train/train_example.h"

/* A 40-37-21-3 network, tanh, tanh and logistic, with dropout on inputs and hidden layers and noise on
 * inputs; cases for it, with weights, as many as there are rows in the arrays. */
enum { NOISE_INPUTS = 40, NOISE_FIRST = 37, NOISE_SECOND = 21, NOISE_OUTPUTS = 3, NOISE_CASES = 50 };
#define NOISE_INPUT_DROPOUT  0.25
#define NOISE_HIDDEN_DROPOUT 0.5
#define NOISE_DEVIATION      0.3
bp_network *noise_network(void);
bp_data noise_data(void);

/* Options whose trainings do nothing but updates with a fixed rate, for so many epochs; `rule` must live as
 * long as they are used. */
bp_trainer_options noise_options(bp_stop_rule *rule, size_t epochs, size_t batch);

/* E of these cases, summed, with the random numbers of an update, and its derivatives, for the weights of the
 * example network. Case i of the data has the number first + i. */
double noise_oracle(const bp_network *net, const bp_data *data, uint64_t seed, uint64_t update, size_t first,
                    double *gradient);

#endif
