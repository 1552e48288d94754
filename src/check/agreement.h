/* Do cases that are alike in one way have like values in another? Shares, and how much they vary by chance.
 */
#ifndef BPI_CHECK_AGREEMENT_H
#define BPI_CHECK_AGREEMENT_H

#include <stdbool.h>

#include "engine/neighbours.h"

enum { AGREEMENT_NEIGHBOURS = 10 };

/* The nearest neighbours of cases 0 .. queries - 1. */
typedef struct neighbour_lists {
    size_t queries;
    size_t (*nearest)[AGREEMENT_NEIGHBOURS]; /* the nearest first */
} neighbour_lists;

/* A row of values for each case, whose columns have the mean 0. */
typedef struct case_values {
    size_t cases, columns;
    const bp_real *values; /* dense */
} case_values;

/* A share of the values' variance, and what it is by chance, if the values are dealt out to the cases at
 * random: its mean and its standard deviation. */
typedef struct agreement {
    double share, expected, deviation;
} agreement;

/*
 * What near cases have in common: the mean product of a query's values and those of its `neighbours` nearest
 * ones, over the mean square of all values. For one neighbour that is 1 - the Delta test's noise; it is -1 if
 * near cases have opposite values.
 *
 * The mean and the variance over all permutations of the values are those of Mantel, "The detection of
 * disease clustering and a generalized regression approach", Cancer Research 27 (1967).
 */
agreement bpi_find_agreement(const neighbour_lists *lists, size_t neighbours, const case_values *values);

/*
 * What a linear function of the inputs explains of the targets of the same cases, estimated by the sum of the
 * squares of the covariances of all columns: it would be 1 for targets that are a linear function drawn at
 * random. Mean and variance as above.
 */
agreement bpi_find_linear_share(const case_values *inputs, const case_values *targets);

#endif
