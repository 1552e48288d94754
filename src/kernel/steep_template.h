/*
 * Values and slopes of activations that have an exponential of s x, with a steepness s from 0.001 to 1000:
 * the logistic function, tanh and the Gaussians. What formula_template.h says of errors and exceptions holds
 * here, too.
 *
 * A rounding error of s x would be one of many units of e^(s x), and one of (s x)^2 one of still more: both
 * are computed as the sum of a number and a small rest.
 */
#ifndef BPI_KERNEL_STEEP_TEMPLATE_H
#define BPI_KERNEL_STEEP_TEMPLATE_H

#include "kernel/formula_template.h"

typedef struct steep_magnitude {
    vec high, rest; /* s |x| is their sum */
} steep_magnitude;

/* s |x|, or `most` or somewhat less if it is larger. NaN stays NaN. */
BPI_INLINE steep_magnitude steep(vec x, double s, bp_real most)
{
    const vec whole = splat((bp_real)s), upper = upper_digits(whole);
    const vec lower = splat((bp_real)(s - (double)upper[0]));
    const vec magnitude = absolute(x), limit = splat((bp_real)(most / s));
    const vec m = choose(magnitude > limit, limit, magnitude), h = upper_digits(m);
    return (steep_magnitude){.high = upper * h, .rest = multiply_add(upper, m - h, lower * m)};
}

/* s |x|, limited where e^-s|x| is less than all numbers. */
BPI_INLINE steep_magnitude steep_exponent(vec x, double s)
{
    return steep(x, s, (bp_real)-1.01 * least_exponent);
}

/* 2^SHIFT e^-s|x| */
BPI_NOINLINE exp_parts shifted_exp_of_steep(vec x, double s)
{
    const steep_magnitude z = steep_exponent(x, s);
    return find_exp(~(mask_vec)(z.high > -least_exponent), z.high, z.rest, SHIFT);
}

/* factor f (1 - f) with the logistic function f of s x: factor e / (1 + e)^2 with e = e^-s|x|, corrected for
 * the rounding errors of the factor and, nearly, of 1 + e. */
BPI_INLINE vec steep_bell(vec x, double s, double factor)
{
    const bp_real rounded = (bp_real)factor, rest = (bp_real)(factor - (double)rounded);
    const exp_parts parts = shifted_exp_of_steep(x, s);
    const vec two_n = parts.two_n * unshift, e = multiply_add(parts.e_r_less_1, two_n, two_n);
    const vec divisor = 1 + e, lost = e - (divisor - 1), whole = rounded * two_n;
    const vec product = whole + multiply_add(whole, parts.e_r_less_1, rest * e);
    const vec y = product / (divisor * divisor);
    return negated_multiply_add(y, lost * (2 - e), y);
}

/* -------------------------------------------------------------- logistic, tanh */

/* As logistic_of, but results that are not normal numbers are right, too. */
BPI_INLINE vec steep_logistic_of(vec x, const double *p)
{
    const exp_parts parts = shifted_exp_of_steep(x, p[0]);
    const vec shifted = multiply_add(parts.e_r_less_1, parts.two_n, parts.two_n), e = shifted * unshift;
    const vec divisor = 1 + e, lost = e - (divisor - 1);
    const vec y = choose(x < 0, shifted, splat(1)) / divisor;
    return negated_multiply_add(y, lost, y) * choose(x < 0, splat(unshift), splat(1));
}

BPI_INLINE vec steep_logistic_slope_of(vec x, const double *p)
{
    return steep_bell(x, p[0], p[0]);
}

/* tanh z = (1 - e^-2z) / (1 + e^-2z) */
BPI_INLINE vec steep_tanh_of(vec x, const double *p)
{
    const steep_magnitude z = steep_exponent(x, 2 * p[0]);
    const vec less_1 = exp_less_1(z.high, z.rest);
    return with_sign_of(x, less_1 / (2 + less_1));
}

/* 1 - tanh(z)^2 = 4 f (1 - f) with the logistic function f of 2 z. */
BPI_INLINE vec steep_tanh_slope_of(vec x, const double *p)
{
    return steep_bell(x, 2 * p[0], 4 * p[0]);
}

/* ------------------------------------------------------------------- Gaussians */

typedef struct steep_square {
    vec high, rest; /* (s x)^2 is their sum */
} steep_square;

/* Limited where e^-(s x)^2 is less than all numbers. */
BPI_INLINE steep_square square_of_steep(vec x, double s)
{
    const steep_magnitude parts = steep(x, s, greatest_root);
    const vec z = parts.high + parts.rest, lost = parts.rest - (z - parts.high);
    const vec h = upper_digits(z);
    return (steep_square){h * h, multiply_add(2 * z, lost, (z - h) * (z + h))};
}

BPI_NOINLINE vec gaussian_of(vec x, const double *p)
{
    const steep_square square = square_of_steep(x, p[0]);
    return shifted_exp(square.high, square.rest) * unshift;
}

/* -2 s^2 x e^-(s x)^2. The factor 0 comes first, where x is large. */
BPI_INLINE vec gaussian_slope_of(vec x, const double *p)
{
    return (bp_real)(-2 * p[0] * p[0]) * (x * gaussian_of(x, p));
}

/* 2 e^-(s x)^2 - 1. Near its zeros the square needs more digits than it has here. */
BPI_INLINE vec gaussian_symmetric_of(vec x, const double *p)
{
    const steep_square square = square_of_steep(x, p[0]);
    const mask_vec wanted = ~(mask_vec)(square.high > -min_exponent);
    const exp_parts e = find_exp(wanted, square.high, square.rest, 0);
    const vec y = multiply_add(e.e_r_less_1, 2 * e.two_n, 2 * e.two_n - 1);
    const mask_vec is_near_zero = absolute(y) < (bp_real)0x1p-10;
    return any_lane(is_near_zero) ? plain_formula(KERNEL_GAUSSIAN_SYMMETRIC, p, false, x, y, is_near_zero)
                                  : y;
}

BPI_INLINE vec gaussian_symmetric_slope_of(vec x, const double *p)
{
    return 2 * gaussian_slope_of(x, p);
}

#endif
