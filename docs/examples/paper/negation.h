/* Three bits that are to come out as they are, or each inverted when the first input, the negation bit, is
 * on. */
#ifndef NEGATION_H
#define NEGATION_H

#include "task.h"

/* 4-hidden-3; whole sweeps, rate 0.25, momentum 0.9, at most 5,000 sweeps; start weights in +-range. With
 * direct other than 0 the inputs lead to the outputs, too. */
paper_task negation_task(size_t hidden, int direct, double range);

/* paper_outcome.figure of a solved run with three hidden units: each serves a bit of its own, the one from
 * which its largest weight but that of the negation bit comes and to whose output its largest weight goes. */
enum { NEGATION_THREE_XORS };

/* A paper_run whose setting is a paper_task: trains, and looks at the hidden units. */
void negation_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void negation_report(const paper_options *options);

#endif
