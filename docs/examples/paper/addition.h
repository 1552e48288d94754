/* The 3-bit sum of two 2-bit numbers. */
#ifndef ADDITION_H
#define ADDITION_H

#include "task.h"

/* The arrangement of hidden units. All but ADDITION_PLAIN have direct connections from inputs to outputs. */
typedef enum addition_net {
    ADDITION_CHAIN, /* two, the first connected to the second: the smallest network for the task */
    ADDITION_TWO,   /* two side by side */
    ADDITION_THREE, /* three side by side */
    ADDITION_PLAIN  /* three side by side, no direct connections */
} addition_net;

/* As the chapter may have trained it: an update per case, learning rate 0.5, no momentum, initial weights in
 * +-0.3, at most 10,000 sweeps. */
paper_task addition_task(addition_net kind);

/* The same with an update per sweep: learning rate 0.1, momentum 0.9, initial weights in +-1, at most 5,000
 * sweeps. */
paper_task addition_task_sweeps(addition_net kind);

/* paper_outcome.metric of a solved chain, 1 or 0: the first hidden unit, rounded, is the carry of the low
 * bits (or its complement); the second is that of the high bits. */
enum { ADDITION_LOW_CARRY, ADDITION_HIGH_CARRY };

/* A paper_run whose setting is a paper_task: trains, and compares a chain's units with the carries. */
void addition_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void addition_report(const paper_options *options);

#endif
