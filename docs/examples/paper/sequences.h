/* The 25 sequences of the chapter: two letters, then the four digits they stand for. */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include "paper.h"

typedef struct sequences_setting {
    int synchronous; /* 1: every connection is delayed by a step; 0: only those between hidden units are */
    int averaged;    /* 1: the derivatives of a weight are averaged over the steps; 0: summed */
    double rate;
} sequences_setting;

extern const sequences_setting sequences_synchronous; /* derivatives summed, learning rate 0.02 */
extern const sequences_setting sequences_averaged; /* synchronous, derivatives averaged, learning rate 0.1 */
extern const sequences_setting sequences_within_steps; /* as sequences_synchronous, but synchronous is 0 */

enum { SEQUENCES_TRAINED = 20, SEQUENCES_HELD_OUT = 5, SEQUENCES_DIGITS = 4 };

/* paper_outcome.metric of a run: trained and held-out sequences that are right, and right digits of the
 * held-out ones. A digit is right if its unit is above 0.5 and the two others are not; a sequence is right if
 * its four digits are. */
enum { SEQUENCES_TRAINED_RIGHT, SEQUENCES_HELD_OUT_RIGHT, SEQUENCES_DIGITS_RIGHT };

/* A paper_run whose setting is a sequences_setting. Solved: all trained sequences are right, within 2,000
 * sweeps. *net is the unrolled network. */
void sequences_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                   bp_network **net);

void sequences_report(const paper_options *options);

#endif
