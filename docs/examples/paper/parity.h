/* Parity: whether the number of inputs that are on is odd. */
#ifndef PARITY_H
#define PARITY_H

#include "task.h"

/* N-hidden-1, N from 2 to 8, an update per sweep, momentum 0.9, at most 5,000 sweeps. */
paper_task parity_task(size_t bits, size_t hidden, double rate, double range);

/* When weights are updated, and in which order the cases are visited. */
typedef enum parity_updates {
    PARITY_PER_SWEEP,
    PARITY_PER_CASE,      /* in an order shuffled in every sweep */
    PARITY_PER_CASE_FIXED /* in counting order in every sweep */
} parity_updates;

/* 4-4-1 at the chapter's learning rate 0.5, momentum 0.9, initial weights in +-0.3, at most 10,000 sweeps. */
paper_task parity_task_four(parity_updates updates);

/*
 * paper_outcome.metric of a solved run, 1 or 0. A hidden unit has a threshold if it switches, on or off, at
 * some number of inputs on, whichever inputs they are. Hidden units are a thermometer code, as the chapter
 * shows for N = 4, if each of 1 to N inputs on is a threshold.
 */
enum {
    PARITY_THRESHOLDS, /* every hidden unit has a threshold */
    PARITY_THERMOMETER /* the hidden units are a thermometer code */
};

/* A paper_run whose setting is a paper_task: trains, and examines the hidden units. */
void parity_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                bp_network **net);

void parity_report(const paper_options *options);

#endif
