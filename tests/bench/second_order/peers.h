/* Other libraries on the same problems, from the same weights. Each returns the E that it ends with, or NaN
 * if it is not there. */
#ifndef BENCH_SECOND_ORDER_PEERS_H
#define BENCH_SECOND_ORDER_PEERS_H

#include "problems.h"

/* liblbfgs: L-BFGS with the line search of More & Thuente. */
double peer_lbfgs(const problem *p, const double *start);

/* MINPACK's lmder, as cminpack has it: Levenberg-Marquardt with a trust region, in double. */
double peer_lmder(const problem *p, const double *start);

/* The BFGS of R's nnet, from several starts one after the other, `count` vectors of weights. Its hidden units
 * are logistic: the weights are converted. */
void peer_nnet(const problem *p, const double *starts, size_t count, double *errors);

#endif
