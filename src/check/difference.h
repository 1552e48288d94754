/* The derivative of a function of one number, from its values alone. */
#ifndef BPI_CHECK_DIFFERENCE_H
#define BPI_CHECK_DIFFERENCE_H

#include <stdbool.h>

#include "backprop.h"

/*
 * A function and the point to derive it at: its value `offset` away. *moved gets how far away that was, as
 * offsets are rounded to the steps of bp_real.
 */
typedef double (*curve_function)(void *context, double offset, double *moved);

typedef struct difference_curve {
    curve_function value;
    void *context;
    double center; /* the value at the point */
    double noise;  /* what rounding may do to a value */
    double unit;   /* offsets of about this size change the function visibly, but not its character; > 0 */
} difference_curve;

/*
 * *slope = the derivative, if it is known to within `tolerance` times its size or scale (>= 0), whichever is
 * more. False if it is not: because the function has a kink or jump too near, or
 * because rounding drowns it.
 */
bool bpi_difference(const difference_curve *curve, double tolerance, double scale, double *slope);

/* The greatest |value|; 0 if count is 0. */
double bpi_max_abs(const bp_real *values, size_t count);

#endif
