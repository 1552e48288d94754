/* The Taylor series of sine and cosine, for vectors of doubles. */
#ifndef BPI_KERNEL_WIDE_CIRCLE_H
#define BPI_KERNEL_WIDE_CIRCLE_H

#include "kernel/wide.h"

/* cos t as a function of t^2, and sin t / t: the coefficients up to t^16, which are enough for a double where
 * |t| <= pi / 4, the highest first. */
static const double cosine_terms[] = {1.0 / 20922789888000,
                                      -1.0 / 87178291200,
                                      1.0 / 479001600,
                                      -1.0 / 3628800,
                                      1.0 / 40320,
                                      -1.0 / 720,
                                      1.0 / 24,
                                      -1.0 / 2,
                                      1};
static const double sine_terms[] = {-1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880,
                                    -1.0 / 5040,          1.0 / 120,        -1.0 / 6,        1};
enum {
    COSINE_TERMS = sizeof cosine_terms / sizeof *cosine_terms,
    SINE_TERMS = sizeof sine_terms / sizeof *sine_terms
};

/* x^2 and the coefficients of a Taylor series in it, the highest first. */
BPI_INLINE wide taylor_series(wide square, const double *coefficient, size_t count)
{
    wide sum = wide_splat(coefficient[0]);
    BPI_UNROLL
    for (size_t i = 1; i < count; i++)
        sum = wide_multiply_add(sum, square, wide_splat(coefficient[i]));
    return sum;
}

#endif
