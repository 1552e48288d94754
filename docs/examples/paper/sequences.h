/* The 25 sequences of the chapter: two letters, then four digits that follow from them. */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include "paper.h"

enum { SEQUENCES_TRAINED = 20, SEQUENCES_HELD_OUT = 5, SEQUENCES_DIGITS = 4 };

/* The figures of a run. A digit is right if its unit is above 0.5 and the two others are not; a sequence, if
 * its four digits are. */
enum { SEQUENCES_TRAINED_RIGHT, SEQUENCES_HELD_OUT_RIGHT, SEQUENCES_DIGITS_RIGHT /* of the held-out ones */ };

/*
 * A paper_run whose setting is an int: 1 for a synchronous net, in which every connection takes a step; 0 for
 * one in which only the connections of the hidden units to each other do. The run ends when all trained
 * sequences are right, which is what solved means, or after 2,000 sweeps. The network handed out is the
 * unrolled one.
 */
void sequences_run(const void *synchronous, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                   bp_network **net);

void sequences_report(const paper_options *options);

#endif
