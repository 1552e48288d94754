/* Regressions for second-order rules: six functions of one input, and the functions of Friedman and Ishigami.
 */
#ifndef BENCH_SECOND_ORDER_PROBLEMS_H
#define BENCH_SECOND_ORDER_PROBLEMS_H

#include <stddef.h>

enum { PROBLEMS = 8, PROBLEMS_OF_ONE_INPUT = 6, MAX_INPUTS = 5, MAX_CASES = 500, MAX_WEIGHTS = 71 };

/* Inputs and targets have a mean of 0 and a variance of 1, and are numbers that float can hold. */
typedef struct problem {
    const char *name;
    size_t inputs, units, cases, weights; /* units: hidden, of tanh, before a linear output */
    double x[MAX_CASES * MAX_INPUTS], d[MAX_CASES];
} problem;

/* Fills a problem, always with the same numbers. */
void problem_make(problem *p, size_t number);

#endif
