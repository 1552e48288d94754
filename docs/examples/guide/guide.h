/* What the programs of the guides share: data, networks, and the end of the program if a call fails. */
#ifndef GUIDE_H
#define GUIDE_H

#include <backprop.h>

/* The digits of docs/examples/data: 70 % to train on, 15 % to validate, 15 % to test. */
typedef struct digits {
    bp_dataset *dataset;
    bp_data training, validation, test;
} digits;

void check(bp_status status);
void load_digits(digits *data);

/* 64 inputs, 32 tanh units, 10 softmax units. */
bp_network *digits_network(unsigned long seed);

/* The share of cases that are read right. */
double accuracy(const bp_network *net, const bp_data *data);

/* Prints a trainer's findings that are not mere notes, or have this kind, in a line each. */
void print_findings(const bp_trainer *trainer, bp_finding_kind kind);

/* The kinds of the warnings and errors, or "none". */
const char *warnings_of(const bp_trainer *trainer);

#endif
