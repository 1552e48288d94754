/* Numerical differentiation of a function of one variable. */
#ifndef BPI_CHECK_DIFFERENCE_H
#define BPI_CHECK_DIFFERENCE_H

#include <stdbool.h>

#include "backprop.h"

/* The value of a function at `offset` from the point of differentiation. *moved gets the offset as rounded to
 * bp_real. */
typedef double (*curve_function)(void *context, double offset, double *moved);

typedef struct difference_curve {
    curve_function value;
    void *context;
    double center; /* the value at the point */
    double noise;  /* rounding error of a value */
    double unit;   /* characteristic scale of offsets: about this far the function is still smooth; > 0 */
} difference_curve;

/* *slope = the derivative, if its estimated error is within `tolerance` times its absolute value or scale (>=
 * 0), whichever is more. False if not: near a kink or jump, or if the slope is below rounding noise. */
bool bpi_difference(const difference_curve *curve, double tolerance, double scale, double *slope);

/* The maximum of |value|; 0 if count is 0. */
double bpi_max_abs(const bp_real *values, size_t count);

#endif
