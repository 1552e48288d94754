/* Is the number of inputs that are on odd? */
#ifndef PARITY_H
#define PARITY_H

#include "task.h"

/* N inputs (2 to 8), one output; whole sweeps, momentum 0.9, at most 5,000 sweeps. */
paper_task parity_task(size_t bits, size_t hidden, double rate, double range);

/* 4-4-1 at the chapter's rate, 0.5, start weights in +-0.3, at most 10,000 sweeps; a change per case or
 * sweep. */
paper_task parity_task_four(int per_case);

/*
 * paper_outcome.figure of a solved run: the hidden units together say how many inputs are on, as the chapter
 * shows for N = 4: each is on (or off) from some number of inputs up, whichever they are.
 */
enum { PARITY_COUNTS };

/* A paper_run whose setting is a paper_task: trains, and looks at the hidden units. */
void parity_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                bp_network **net);

void parity_report(const paper_options *options);

#endif
