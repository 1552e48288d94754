/* The family trees of [RHW86] figures 2 to 4. */
#ifndef FAMILY_TREES_H
#define FAMILY_TREES_H

#include "paper.h"

/* How the network is trained. The paper's own: rates 0.005 and 0.01, decay 0.002, 1,500 sweeps. */
typedef struct family_setting {
    double rate_first; /* learning rate of the first 20 sweeps, with momentum 0.5 */
    double rate_then;  /* of the others, with momentum 0.9 */
    double decay;      /* of every weight, after each sweep */
    double range;      /* initial weights and biases are uniform in +-range */
    size_t sweeps;
} family_setting;

extern const family_setting family_as_printed;   /* range 0.3; the paper does not state its own */
extern const family_setting family_wide_start;   /* as printed, but range 1 */
extern const family_setting family_little_decay; /* 5 times the rates, a tenth of the decay, range 1 */
extern const family_setting family_long; /* 5 times the rates, half the decay, range 1, 6,000 sweeps */

enum {
    FAMILY_TRAINED = 100,
    FAMILY_HELD_OUT = 4 /* another split for every seed */
};

/* paper_outcome.metric of a run. A case is right if just the outputs with target 1 are above 0.5. */
enum {
    FAMILY_TRAINED_RIGHT,
    FAMILY_HELD_OUT_RIGHT,
    /* how many of the 6 person-code units have all weights from one nationality greater than all weights
     * from the other */
    FAMILY_NATIONALITY_UNITS,
    /* the between-group share of the variance of a unit's weights from the 24 persons, the largest of the 6
     * units; groups are nationalities, generations, branches (without the children, who belong to both) */
    FAMILY_NATIONALITY_SHARE,
    FAMILY_GENERATION_SHARE,
    FAMILY_BRANCH_SHARE
};

/* A paper_run whose setting is a family_setting; solved: all 104 cases are right. */
void family_trees_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                      bp_network **net);

void family_trees_report(const paper_options *options);

#endif
