/*
 * The oracle for iterative nets: back-propagation through time in plain loops over the time steps, in double.
 * It knows nothing of unrolled networks: states are kept for every step, and the derivatives are carried back
 * from the last step to the first.
 */
#ifndef TESTS_RECURRENT_H
#define TESTS_RECURRENT_H

#include "reference/reference.h"

enum { RECURRENT_STEPS = 8 };

/* At which of `steps` steps the net has inputs and outputs. */
typedef struct recurrent_times {
    size_t steps;
    unsigned char has_input[RECURRENT_STEPS], has_output[RECURRENT_STEPS];
} recurrent_times;

/* ref: read from a recurrent network. data: for each case the inputs of the steps that have any, one after
 * another, then likewise the targets, dense and with steps = 1. */
void recurrent_run(reference *ref, const recurrent_times *times, const bp_data *data, reference_loss loss,
                   const reference_result *result);

#endif
