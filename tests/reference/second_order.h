/* Rules for whole sets in plain loops, written from the papers, with E and derivatives from the oracle. */
#ifndef TESTS_REFERENCE_SECOND_ORDER_H
#define TESTS_REFERENCE_SECOND_ORDER_H

#include "reference/reference.h"

/* F(w) = E / divisor + decay / 2 |w|^2 of some data, squared error, at ref->weights. */
typedef struct reference_objective {
    reference *ref;
    const bp_data *data;
    double divisor, decay;
} reference_objective;

double reference_value(const reference_objective *objective, double *gradient);

/* Scaled conjugate gradient, Moller (1993), steps 1 to 9: makes iterations until one has lowered F. */
typedef struct reference_scg {
    double *direction, *residual; /* p and r */
    double lambda;
    size_t successes; /* since p was r */
    int has_begun;
} reference_scg;
void reference_scg_step(reference_scg *scg, const reference_objective *objective, double sigma);

/* Levenberg-Marquardt with the damping of Nielsen (1999): steps until one has lowered F. mu 0: none yet, then
 * it begins as the greatest element of the diagonal. */
void reference_lm_step(double *mu, const reference_objective *objective);

#endif
