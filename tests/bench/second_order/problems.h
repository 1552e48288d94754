/*
 * Regressions for second-order rules: functions of one input (a line and a sine, Gaussian bells, logistic
 * steps), and the functions of Friedman and Ishigami, all with noise. Those of one input are drawn: nobody
 * chose them.
 */
#ifndef BENCH_SECOND_ORDER_PROBLEMS_H
#define BENCH_SECOND_ORDER_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

/* Rules are chosen by the first set, with its starts, and judged by the second, with others. */
typedef enum problem_set { CHOOSING, JUDGED } problem_set;

/* The first ones of a set have one input; Friedman's and Ishigami's functions are the last two. */
enum { CHOOSING_PROBLEMS = 14, JUDGED_PROBLEMS = 8, MAX_INPUTS = 5, MAX_CASES = 500, MAX_WEIGHTS = 71 };

/* Inputs and targets have a mean of 0 and a variance of 1, and are numbers that float can hold. */
typedef struct problem {
    char name[40];
    size_t inputs, units, cases, weights; /* units: hidden, of tanh, before a linear output */
    double x[MAX_CASES * MAX_INPUTS], d[MAX_CASES];
    uint64_t seed;
} problem;

size_t problem_count(problem_set set);

/* Fills a problem, always with the same numbers. */
void problem_make(problem *p, problem_set set, size_t number);

/* Initial weights, numbers that float can hold: uniform in -0.7..0.7, as R's nnet draws them. */
void problem_start(const problem *p, size_t number, double *weights);

/* Starts for the best known minimum are apart from the others. */
enum { FIRST_START_FOR_BEST = 100000 };

#endif
