/* The chapter's T-C problem: local receptive fields with a shared kernel. */
#ifndef TC_H
#define TC_H

#include "paper.h"

enum {
    TC_KERNEL = 3, /* height and width of a receptive field */
    TC_RETINA = 7  /* height and width of the retina; every field that overlaps the letter fits in it */
};

/* A T, then a C, in four rotations each. The target is 0 for a T and 1 for a C. */
bp_data tc_cases(void);

/* What a kernel detects, by the signs of its nine weights. */
typedef enum tc_kind {
    TC_COMPACTNESS, /* all have the same sign: the output depends on how many fields the letter overlaps */
    TC_CENTRE,      /* the centre has one sign, the surround the other */
    TC_BAR,         /* a row, column or diagonal has one sign, the rest the other */
    TC_OTHER,
    TC_KINDS
} tc_kind;

tc_kind tc_kind_of(const bp_real *kernel);

/* The first kernel of each kind that solved the task. */
typedef struct tc_examples {
    int found[TC_KINDS];
    bp_real kernel[TC_KINDS][TC_KERNEL * TC_KERNEL];
} tc_examples;

typedef struct tc_setting {
    tc_examples *examples; /* receives kernels; may be NULL */
} tc_setting;

/* A paper_run whose setting is a tc_setting. Solved: every output is within 0.2 of its target.
 * paper_outcome.metric of a solved run, by tc_kind: 1 for the kind of its kernel, 0 for the others. */
void tc_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
            bp_network **net);

void tc_report(const paper_options *options);

#endif
