/* The 25 sequences of the chapter: two letters, then four digits that follow from them. */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include "paper.h"

typedef struct sequences_setting {
    int synchronous; /* 1: every connection takes a step; 0: only those of the hidden units to each other do
                      */
    int averaged;    /* 1: derivatives are averaged over the places of a weight; 0: summed */
    double rate;
} sequences_setting;

extern const sequences_setting sequences_synchronous;  /* derivatives summed, rate 0.02 */
extern const sequences_setting sequences_averaged;     /* synchronous, derivatives averaged, rate 0.1 */
extern const sequences_setting sequences_within_steps; /* as the first, but not synchronous */

enum { SEQUENCES_TRAINED = 20, SEQUENCES_HELD_OUT = 5, SEQUENCES_DIGITS = 4 };

/* The figures of a run. A digit is right if its unit is above 0.5 and the two others are not; a sequence, if
 * its four digits are. */
enum { SEQUENCES_TRAINED_RIGHT, SEQUENCES_HELD_OUT_RIGHT, SEQUENCES_DIGITS_RIGHT /* of the held-out ones */ };

/* A paper_run whose setting is a sequences_setting. The run ends when all trained sequences are right, which
 * is what solved means, or after 2,000 sweeps. The network handed out is the unrolled one. */
void sequences_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                   bp_network **net);

void sequences_report(const paper_options *options);

#endif
