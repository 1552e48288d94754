/* [RHW86] figure 1: detect whether six bits are symmetric about their middle. */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "task.h"

/* 6-2-1 as the paper trains it: an update per sweep, learning rate 0.1, momentum 0.9, initial weights in
 * +-0.3. */
paper_task symmetry_task(size_t limit);

/* paper_outcome.metric of a solved run: the properties of the weights that the paper reports, 1 or 0. */
enum {
    SYMMETRY_MIRRORED,    /* hidden weights are equal and opposite about the middle, within a tenth of the
                             largest */
    SYMMETRY_OPPOSITE,    /* both hidden units have the same weights with opposite signs, within a tenth
                             of the largest */
    SYMMETRY_RATIO,       /* on each side they are in the ratio 1 : 2 : 4, in some order, within a tenth */
    SYMMETRY_OTHER_RATIO, /* likewise 1 : 1.55 : 2.06, which the paper does not mention */
    SYMMETRY_BIASES,      /* hidden biases are negative, the output bias positive */
    SYMMETRY_OFF          /* symmetric inputs turn both hidden units off (below 0.5) */
};

/* A paper_run whose setting is a paper_task: trains, and examines the weights. */
void symmetry_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                  bp_network **net);

void symmetry_report(const paper_options *options);

#endif
