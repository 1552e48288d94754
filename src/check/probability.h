/* Tests of significance, and what they need. */
#ifndef BPI_CHECK_PROBABILITY_H
#define BPI_CHECK_PROBABILITY_H

#include "backprop.h"
#include "base/arithmetic.h"

/* ln of the number of ways to choose k of n things, k <= n. */
double bpi_ln_choices(size_t n, size_t k);

/* The probability of `count` or more successes in n trials that each succeed with probability p. */
double bpi_binomial_tail(size_t n, double p, size_t count);

/*
 * Fisher's exact test, two-sided: the probability that two samples of n and m from one population, with a and
 * b members of a kind, differ in their shares of it by chance as much as they do, or more.
 */
double bpi_fisher_test(size_t a, size_t n, size_t b, size_t m);

/*
 * The test of Kolmogorov and Smirnov for two samples: the probability that they, of one population, differ by
 * `distance`, the maximum difference of their distribution functions, or more. It is Kolmogorov's limit for
 * large samples, which is too high, if anything, for small ones and for values that occur several times.
 */
double bpi_kolmogorov_smirnov_test(double distance, size_t n, size_t m);

#endif
