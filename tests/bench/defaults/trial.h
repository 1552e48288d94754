/* A trial: one network, trained on four fifths of a table and tested on the rest. */
#ifndef DEFAULTS_TRIAL_H
#define DEFAULTS_TRIAL_H

#include "table.h"

enum { FOLDS = 5, NETS = 6 };

/* The networks: one hidden layer of 16 units or two, by activation. */
extern const char *const net_names[NETS];

/* Training with untouched options, or a point of the grid. */
typedef struct setting {
    double learning_rate; /* 0: untouched options, and raw columns */
    size_t batch_size;    /* 0: all cases */
    double momentum;
} setting;

typedef struct outcome {
    double error;    /* of the test cases: share of wrong classes, or mean squared error in units of the
                        variance of all targets */
    double constant; /* the same for the best constant prediction: means or class shares of training */
    bp_status status;
    size_t epochs;
    double seconds;
} outcome;

/* A network of net_names, with its initial weights. */
bp_network *make_net(const table *data, unsigned kind, uint64_t seed);

/* Ends the program if the library refused something. */
void require_ok(bp_status status);

outcome run_trial(const table *data, unsigned repetition, unsigned fold, unsigned net, const setting *chosen);

#endif
