/* The chapter's shift register: a few units, all connected to each other, learn to pass on what they hold. */
#ifndef SHIFT_REGISTER_H
#define SHIFT_REGISTER_H

#include "paper.h"

/* The figures of a run, for what the units hold after the first of the two steps, about which nothing is
 * said in training: 1 if it is the pattern moved by one place; if it is that with every bit turned over. */
enum { SHIFT_REGISTER_SHIFTED, SHIFT_REGISTER_INVERTED };

/* A paper_run whose setting is a size_t, the number of units; solved: every output is within 0.2 of its
 * target. The network handed out is the unrolled one. */
void shift_register_run(const void *units, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                        bp_network **net);

void shift_register_report(const paper_options *options);

#endif
