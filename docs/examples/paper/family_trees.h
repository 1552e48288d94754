/* The family trees of [RHW86] figures 2 to 4. */
#ifndef FAMILY_TREES_H
#define FAMILY_TREES_H

#include "paper.h"

/* How the network is trained; the paper's are the rates 0.005 and 0.01, the decay 0.002 and 1,500 sweeps. */
typedef struct family_setting {
    double rate_first, rate_then; /* for the first 20 sweeps, with momentum 0.5; after them, with 0.9 */
    double decay;                 /* of every weight, after each sweep */
    double range;                 /* start weights and biases are uniform in +-range */
    size_t sweeps;
} family_setting;

extern const family_setting family_as_printed;   /* range 0.3, which the paper does not state */
extern const family_setting family_wide_start;   /* as printed, but from weights in +-1 */
extern const family_setting family_little_decay; /* 5 times the rates, a tenth of the decay, +-1 */
extern const family_setting family_long;         /* 5 times the rates, half the decay, +-1, 6,000 sweeps */

enum {
    FAMILY_TRAINED = 100,
    FAMILY_HELD_OUT = 4 /* drawn anew for every seed */
};

/* The figures of a run. A case is right if every unit that should be on is above 0.5 and no other is. */
enum {
    FAMILY_TRAINED_RIGHT,
    FAMILY_HELD_OUT_RIGHT,
    /* of the 6 units behind the persons, how many have all their weights from one nationality above all those
     * from the other */
    FAMILY_NATIONALITY_UNITS,
    /* the greatest share, among these 6 units, of the variance of the weights from the 24 persons that lies
     * between nationalities, generations, branches (the children, who belong to both, left out) */
    FAMILY_NATIONALITY_SHARE,
    FAMILY_GENERATION_SHARE,
    FAMILY_BRANCH_SHARE
};

/* A paper_run whose setting is a family_setting; solved: all 104 cases are right. */
void family_trees_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                      bp_network **net);

void family_trees_report(const paper_options *options);

#endif
