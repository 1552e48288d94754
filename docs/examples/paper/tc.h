/* The chapter's T-C problem: local receptive fields that share their weights. */
#ifndef TC_H
#define TC_H

#include "paper.h"

enum {
    TC_KERNEL = 3, /* height and width of a receptive field */
    TC_RETINA = 7  /* of the retina: every window that touches the letter in the middle is there */
};

/* A T, then a C, in four rotations each. The output is to be off for a T and on for a C. */
bp_data tc_cases(void);

/* What a kernel responds to, by the signs of its nine weights. */
typedef enum tc_kind {
    TC_COMPACTNESS, /* all have the same sign: how many fields does the letter touch? */
    TC_CENTRE,      /* the middle has one sign, what is around it the other */
    TC_BAR,         /* a row, column or diagonal has one sign, all else the other */
    TC_OTHER,
    TC_KINDS
} tc_kind;

tc_kind tc_kind_of(const bp_real *kernel);

/* The first kernel of each kind that solved the task. */
typedef struct tc_gallery {
    int found[TC_KINDS];
    bp_real kernel[TC_KINDS][TC_KERNEL * TC_KERNEL];
} tc_gallery;

typedef struct tc_setting {
    tc_gallery *gallery; /* notes kernels; may be NULL */
} tc_setting;

/* A paper_run whose setting is a tc_setting. Solved: every output is within 0.2 of its target. The figures of
 * a solved run, by tc_kind: 1 for the kind of its kernel, 0 for the others. */
void tc_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
            bp_network **net);

void tc_report(const paper_options *options);

#endif
