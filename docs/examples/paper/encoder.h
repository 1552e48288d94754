/* N inputs, of which one is on, are to come out again through a few hidden units. */
#ifndef ENCODER_H
#define ENCODER_H

#include "task.h"

/* N-hidden-N, N up to 32; whole sweeps, momentum 0.9, start weights in +-0.3, at most 10,000 sweeps. */
paper_task encoder_task(size_t units, size_t hidden, double rate);

/* paper_outcome.figure of a solved run. */
enum {
    ENCODER_BINARY,      /* 1: hidden units above and below 0.5 give every input a code of its own */
    ENCODER_INTERMEDIATE /* hidden outputs between 0.2 and 0.8, a share of all */
};

/* A paper_run whose setting is a paper_task: trains, and looks at the codes. */
void encoder_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                 bp_network **net);

void encoder_report(const paper_options *options);

#endif
