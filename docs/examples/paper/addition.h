/* The sum, of three bits, of two numbers of two bits. */
#ifndef ADDITION_H
#define ADDITION_H

#include "task.h"

/* How the hidden units are arranged. All but ADDITION_PLAIN have connections from inputs to outputs. */
typedef enum addition_net {
    ADDITION_CHAIN, /* two, of which the first also acts on the second: the least that can do it */
    ADDITION_TWO,   /* two side by side */
    ADDITION_THREE, /* three side by side */
    ADDITION_PLAIN  /* three side by side, and no connections that skip them */
} addition_net;

/* As the chapter may have trained it: rate 0.5, no momentum, a change per case, start weights in +-0.3; at
 * most 10,000 sweeps. And as whole sweeps: rate 0.1, momentum 0.9, start weights in +-1, at most 5,000
 * sweeps. */
paper_task addition_task(addition_net kind);
paper_task addition_task_sweeps(addition_net kind);

/* paper_outcome.figure of a solved chain: above and below 0.5, the first hidden unit tells whether the low
 * bits have a carry, and the second whether the high ones have. */
enum { ADDITION_LOW_CARRY, ADDITION_HIGH_CARRY };

/* A paper_run whose setting is a paper_task: trains, and looks at the units of a chain. */
void addition_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void addition_report(const paper_options *options);

#endif
