/* The network of a problem in plain double-precision loops, for the peers. The order of the weights is that
 * of the library's flat vector: hidden matrix, hidden biases, output matrix, output bias. */
#ifndef BENCH_SECOND_ORDER_PLAIN_H
#define BENCH_SECOND_ORDER_PLAIN_H

#include "problems.h"

/* E = 1/2 sum (y - d)^2 and its gradient; residuals y - d of all cases and their derivatives, case by case.
 * Each pointer may be NULL. */
double plain_error(const problem *p, const double *w, double *gradient, double *residuals, double *jacobian);

#endif
