/*
 * The per-case rule, [RHW86]: every case changes the weights before the next one is looked at. Many cases in
 * one call, so that what is done around the arithmetic is done once, and so that the weights, which each case
 * reads and writes, need not be read again for the next. Trusts as gradient.h does.
 */
#ifndef BPI_MODEL_PER_CASE_H
#define BPI_MODEL_PER_CASE_H

#include "model/gradient.h"

/* Zeroed before the first call. The loss, the vectors that change or are kept, where there are any, and
 * wants_squares stay the same from call to call until the weights are settled. */
typedef struct case_run {
    const batch *cases;
    const bp_loss *loss;
    weight_change change; /* of the whole vector; its divisor is 1 */
    bp_real *gradient;    /* weight_count values, which hold nothing afterwards */
    bp_real *keep;        /* gets the weights as they are before the first change; NULL: not wanted */
    bool wants_squares;
    size_t done;             /* result: cases that have changed the weights; the run ends before a case whose
                              * E is NaN or infinite */
    batch_error error;       /* of these cases: E is added, the greatest deviation raised */
    double greatest_squares; /* raised, if wanted, to the greatest sum of squares of a case's gradient */
    bool away;       /* the network's weights, changes and kept weights are out of date, and the workspace is
                      * not to be used for anything else, until bpi_settle_weights puts them there */
    bool finite;     /* if they are: are the weights? */
    small_run small; /* that has them */
} case_run;

/* All cases of the run, if bpi_change_goes_with_gradient holds for one. NOT_FINITE as bpi_batch_gradient: the
 * case has changed nothing. */
bp_status bpi_learn_cases(const char *function, bp_workspace *workspace, case_run *run);

/* Puts what is away where it belongs. */
void bpi_settle_weights(const bp_workspace *workspace, case_run *run);

/* E and gradient of a batch of one case by the operations of bpi_learn_cases, for those who look at the
 * gradient in between. What it leaves in the workspace is not defined. NOT_FINITE as bpi_batch_gradient. */
bp_status bpi_case_gradient(const char *function, bp_workspace *workspace, const batch *one,
                            const bp_loss *loss, bp_real *gradient, batch_error *result);

#endif
