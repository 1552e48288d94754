/* [RHW86] figure 1: is a row of six bits symmetric about its middle? */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "task.h"

/* 6-2-1 as the paper trains it: whole sweeps, rate 0.1, momentum 0.9, start weights in +-0.3. */
paper_task symmetry_task(size_t limit);

/* What the paper says of the weights; 1 or 0 in paper_outcome.figure of a solved run. */
enum {
    SYMMETRY_MIRRORED,    /* hidden weights equal and opposite about the middle, to a tenth of the largest */
    SYMMETRY_OPPOSITE,    /* the hidden units have the same weights with opposite signs, to a tenth of the
                             largest */
    SYMMETRY_RATIO,       /* on each side they are as 1 : 2 : 4 in some order, to a tenth */
    SYMMETRY_OTHER_RATIO, /* likewise as 1 : 1.55 : 2.06, which the paper does not mention */
    SYMMETRY_BIASES,      /* hidden biases negative, output bias positive */
    SYMMETRY_OFF          /* for symmetric inputs both hidden units are below 0.5 */
};

/* A paper_run whose setting is a paper_task: trains, and looks at the weights. */
void symmetry_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void symmetry_report(const paper_options *options);

#endif
