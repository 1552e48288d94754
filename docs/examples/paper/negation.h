/* Three bits are copied to the outputs, each inverted if the first input, the negation bit, is on. */
#ifndef NEGATION_H
#define NEGATION_H

#include "task.h"

/* 4-hidden-3, an update per sweep, learning rate 0.25, momentum 0.9, at most 5,000 sweeps, initial weights in
 * +-range; with direct other than 0, direct connections from inputs to outputs. */
paper_task negation_task(size_t hidden, int direct, double range);

/* paper_outcome.metric of a solved run with three hidden units, 1 or 0: each belongs to another bit. It
 * belongs to a bit if, the negation bit aside, its largest incoming weight is that bit's and its largest
 * outgoing weight leads to that bit's output. */
enum { NEGATION_THREE_XORS };

/* A paper_run whose setting is a paper_task: trains, and examines the hidden units. */
void negation_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void negation_report(const paper_options *options);

#endif
