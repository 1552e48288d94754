/* An autoencoder: N one-hot inputs are reproduced through a few hidden units. */
#ifndef ENCODER_H
#define ENCODER_H

#include "task.h"

/* N-hidden-N, N up to 32, an update per sweep, momentum 0.9, initial weights in +-0.3; at most 10,000
 * sweeps. */
paper_task encoder_task(size_t units, size_t hidden, double rate);

/* paper_outcome.metric of a solved run. */
enum {
    ENCODER_BINARY,      /* 1: the rounded hidden outputs differ for all inputs; 0: some are equal */
    ENCODER_INTERMEDIATE /* the share of hidden outputs between 0.2 and 0.8 */
};

/* A paper_run whose setting is a paper_task: trains, and examines the codes. */
void encoder_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                 bp_network **net);

void encoder_report(const paper_options *options);

#endif
