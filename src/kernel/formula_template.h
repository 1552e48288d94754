/*
 * Values and slopes, as functions of x, of the activations of KERNEL_FORMULA_LIST, a vector at a time (those
 * with an exponential of s x: steep_template.h; of arrays: values_template.h). p are the parameters of the
 * row in activation_rows.c, where the same formulas stand in plain C. Error of values: below 4 units in the
 * last place, also where they are denormal numbers; of slopes: below 4 units in the last place of max(1,
 * |f'(x)|) (tests/kernel/test_formulas.c). No finite x raises INVALID, DIVBYZERO or OVERFLOW on the way to a
 * finite result, in the lanes that are not chosen either; NaN gives NaN for values.
 */
#ifndef BPI_KERNEL_FORMULA_TEMPLATE_H
#define BPI_KERNEL_FORMULA_TEMPLATE_H

#include "kernel/activation_rows.h"
#include "kernel/math_template.h"
#include "kernel/portable_values.h"

/*
 * log_terms: (atanh(u) / u - 1) / u^2 as a function of u^2 for 0 <= u^2 <= 1/9, interpolated at the Chebyshev
 * nodes; relative errors of atanh 2^-31 in float, 2^-62 in double. tail_terms and tail_divisor: numerator and
 * denominator of w(m) in e^(-m^2/2) / Phi(-m) = root_2_pi m + w(m), Phi the normal distribution, for m from 0
 * to greatest_tail, beyond which m Phi(-m) rounds to 0; relative errors of the sum 2^-29 and 2^-61. All of
 * them are positive, so that no digits are lost, and w matters less the larger m is. center_terms: (Phi(x) -
 * 1/2) / x as a function of x^2 <= 1. least_exponent: x e^x rounds to 0 below, and
 * e^(-z^2) where z is near greatest_root or beyond.
 */
#ifdef BP_DOUBLE
static const bp_real log_terms[] = {
    0.33333333333333333443,  0.19999999999999761253,  0.14285714285800049646,  0.11111111099118385279,
    0.090909099489813571913, 0.076922719824302746434, 0.066675893157246279183, 0.0586713953065159873,
    0.05422589197440007411,  0.037460718977753836504, 0.078152889004614252231,
};
static const bp_real tail_terms[] = {
    2.0,
    2.6791631266388782959,
    1.8311681845587726036,
    0.8177825080607923489,
    0.2607210399031678515,
    0.061541436750363216498,
    0.010852526802633729264,
    0.0014108286352490163863,
    0.00012966508766371419963,
    7.6480343743816593278e-6,
    2.2205722335753187219e-7,
};
static const bp_real tail_divisor[] = {
    1.0,
    1.7950111398320741395,
    1.5964654831609884828,
    0.91470879268363362291,
    0.37210246234818757461,
    0.11236503778090222015,
    0.025658853556057309203,
    0.0044324580091565397511,
    0.00056894144211714960112,
    0.000051906061782543413913,
    3.0511242739792241199e-6,
    8.8588015065629845021e-8,
};
static const bp_real center_terms[] = {
    0.39894228040143267794,     -0.066490380066905446098,  0.0099735570100358061784,
    -0.0011873282154802531197,  0.00011543468761421086708, -9.4446562484131560077e-6,
    6.6596931149158881019e-7,   -4.1226578372664529873e-8, 2.273377017346831676e-9,
    -1.1285002144059667204e-10, 5.0030334589193680456e-12, -1.687823163189687595e-13,
};
static const bp_real greatest_tail = 38.6, least_exponent = -754, greatest_root = 28,
                     root_2_pi = 2.5066282746310006857;
enum { LOW_HALF_BITS = 27 };
#else
static const bp_real log_terms[] = {
    0.33333333660263706234f, 0.19999853165964858701f, 0.14296178997151418861f,
    0.10853287900440186323f, 0.11612164612011674416f,
};
static const bp_real tail_terms[] = {
    2.0000000008152406012f,   1.2686002305787537205f,    0.42038219273245165412f,
    0.075814100772918362638f, 0.0063662758139095327907f,
};
static const bp_real tail_divisor[] = {
    1.0f,
    1.0897297328937884699f,
    0.56986587058720709992f,
    0.17253933244073744938f,
    0.03025640504869611223f,
    0.0025395672835721278463f,
};
static const bp_real center_terms[] = {
    0.39894228013084061684f,    -0.066490360567186900524f,  0.0099733284812561706088f,
    -0.0011863439888019887418f, 0.00011350229619286141203f, -7.6605381713820898877e-6f,
};
static const bp_real greatest_tail = 14.5f, least_exponent = -111, greatest_root = 11,
                     root_2_pi = 2.5066282749176025391f;
enum { LOW_HALF_BITS = 12 };
#endif

enum { SHIFT = 100 };
static const bp_real unshift = 0x1p-100f;

/* 2^SHIFT e^-(magnitude + rest): a number that is not denormal where e^-(magnitude + rest) is. */
BPI_INLINE vec shifted_exp(vec magnitude, vec rest)
{
    const exp_parts parts = find_exp(~(mask_vec)(magnitude > -least_exponent), magnitude, rest, SHIFT);
    return multiply_add(parts.e_r_less_1, parts.two_n, parts.two_n);
}

/* 2^SHIFT e^-|x| */
BPI_INLINE vec shifted_exp_of_minus(vec x)
{
    return shifted_exp(absolute(x), (vec){0});
}

/* e^-(magnitude + rest) - 1. The difference of e^r 2^n and 1 loses no digits, as it is e^r - 1 where n is 0.
 */
BPI_INLINE vec exp_less_1(vec magnitude, vec rest)
{
    const exp_parts parts = find_exp(~(mask_vec)(magnitude > -min_exponent), magnitude, rest, 0);
    return multiply_add(parts.e_r_less_1, parts.two_n, parts.two_n - 1);
}

/* x without the lower half of its digits, so that the product of two of them is exact. */
BPI_INLINE vec upper_digits(vec x)
{
    return (vec)((bits_vec)x & ~(((lane_bits)1 << LOW_HALF_BITS) - 1));
}

/* y, but in the lanes of the mask f(x), or f'(x), by the formula in plain C. */
BPI_NOINLINE vec plain_formula(int32_t activation, const double *p, bool is_slope, vec x, vec y,
                               mask_vec wanted)
{
    bp_real from[BPI_LANES], found[BPI_LANES];
    store(from, x);
    store(found, splat(1));
    if (is_slope)
        bpi_portable_multiply_slope(activation, p, from, found, BPI_LANES);
    else
        bpi_portable_values(activation, p, from, found, BPI_LANES);
    return choose(wanted, load(found), y);
}

/* One of two numbers, by the sign of x. */
BPI_INLINE vec by_sign(vec x, bp_real positive, bp_real negative)
{
    return choose(x > 0, splat(positive), splat(negative));
}

/* ------------------------------------------------------------------- leaky ReLU */

BPI_INLINE vec leaky_relu_slope_of(vec x, const double *p)
{
    return by_sign(x, (bp_real)p[1], (bp_real)(p[0] * p[1]));
}

BPI_INLINE vec leaky_relu_of(vec x, const double *p)
{
    return x * leaky_relu_slope_of(x, p);
}

/* ---------------------------------------------------------------- ELU and SELU */

/* x > 0: positive * x; else negative * (e^x - 1). */
BPI_NOINLINE vec exp_linear(vec x, bp_real positive, bp_real negative)
{
    return choose(x > 0, positive * x, negative * exp_less_1(absolute(x), (vec){0}));
}

BPI_NOINLINE vec exp_linear_slope(vec x, bp_real positive, bp_real negative)
{
    return choose(x > 0, splat(positive), negative * exp_of_minus(x));
}

BPI_INLINE vec elu_of(vec x, const double *p)
{
    return exp_linear(x, 1, (bp_real)p[0]);
}

BPI_INLINE vec elu_slope_of(vec x, const double *p)
{
    return exp_linear_slope(x, 1, (bp_real)p[0]);
}

BPI_INLINE vec selu_of(vec x, const double *p)
{
    (void)p;
    return exp_linear(x, (bp_real)BPI_SELU_SCALE, (bp_real)BPI_SELU_SCALE_ALPHA);
}

BPI_INLINE vec selu_slope_of(vec x, const double *p)
{
    (void)p;
    return exp_linear_slope(x, (bp_real)BPI_SELU_SCALE, (bp_real)BPI_SELU_SCALE_ALPHA);
}

/* -------------------------------------------------------------------- softplus */

/* max(x, 0) + ln(1 + e), e = e^-|x|; ln(1 + e) = 2 atanh(u), u = e / (2 + e), corrected for the rounding
 * error of 2 + e, which 2.4 is near enough for. */
BPI_INLINE vec softplus_of(vec x, const double *p)
{
    (void)p;
    const vec e = shifted_exp_of_minus(x) * unshift;
    const vec divisor = 2 + e, lost = e - (divisor - 2);
    vec u = e / divisor;
    u = negated_multiply_add(u, lost * (bp_real)(1 / 2.4), u);
    const vec square = u * u;
    const vec terms = polynomial(square, square * square, log_terms, COUNT(log_terms));
    const vec logarithm = 2 * multiply_add(u * square, terms, u);
    return choose(x <= 0, logarithm, x + logarithm);
}

BPI_INLINE vec softplus_slope_of(vec x, const double *p)
{
    (void)p;
    return logistic_of(x);
}

/* -------------------------------------------------------------------- softsign */

/* s x / (1 + s |x|) = x / (c + |x|) with c = 1 / s, which cannot overflow. */
BPI_INLINE vec softsign_of(vec x, const double *p)
{
    return x / ((bp_real)(1 / p[0]) + absolute(x));
}

BPI_INLINE vec softsign_slope_of(vec x, const double *p)
{
    const bp_real c = (bp_real)(1 / p[0]);
    const vec divisor = c + absolute(x);
    return c / divisor / divisor;
}

/* ------------------------------------------------------------------------ GELU */

/* 2^SHIFT e^(-m^2/2) for magnitudes m up to greatest_tail. m^2 has twice as many digits as m, and the error
 * of a rounded m^2 would be one of many units of the result: with h, the upper half of the digits of m, h^2
 * is exact, and m^2 = h^2 + (m - h) (m + h). */
BPI_INLINE vec shifted_bell(vec m)
{
    const vec h = upper_digits(m);
    return shifted_exp((bp_real)0.5 * (h * h), (bp_real)0.5 * ((m - h) * (m + h)));
}

/* e^(-m^2/2) / Phi(-m) */
BPI_INLINE vec bell_over_tail(vec m)
{
    const vec square = m * m;
    const vec rest = polynomial(m, square, tail_terms, COUNT(tail_terms)) /
                     polynomial(m, square, tail_divisor, COUNT(tail_divisor));
    return multiply_add(m, splat(root_2_pi), rest);
}

BPI_INLINE vec tail_magnitude(vec x)
{
    const vec magnitude = absolute(x);
    return choose(magnitude < greatest_tail, magnitude, splat(greatest_tail));
}

/* Phi(x) - 1/2 for |x| < 0.75, where the two forms of Phi by its tail would lose digits. */
BPI_INLINE vec center(vec x)
{
    const vec square = x * x;
    return x * polynomial(square, square * square, center_terms, COUNT(center_terms));
}

/* x Phi(x) */
BPI_INLINE vec gelu_of(vec x, const double *p)
{
    (void)p;
    const vec m = tail_magnitude(x), bell = shifted_bell(m), divisor = bell_over_tail(m);
    const mask_vec is_small = m < (bp_real)0.75;
    const vec negative = choose(x < -greatest_tail, (vec){0}, x) * bell / divisor * unshift;
    const vec large = choose(x < 0, negative, x * (1 - bell * unshift / divisor));
    const vec base = masked(is_small, x);
    return choose(is_small, base * ((bp_real)0.5 + center(base)), large);
}

/* Phi(x) + x e^(-x^2/2) / sqrt(2 pi) */
BPI_INLINE vec gelu_slope_of(vec x, const double *p)
{
    (void)p;
    const bp_real density = (bp_real)0.39894228040143267794;
    const vec m = tail_magnitude(x), bell = shifted_bell(m) * unshift;
    const vec tail = bell / bell_over_tail(m);
    const vec product = density * (with_sign_of(x, m) * bell);
    return choose(x < 0, tail, 1 - tail) + product;
}

/* ------------------------------------------------------------------------ SiLU */

/* x / (1 + e^-x), for negative x in the form x e / (1 + e), e = e^-|x|, corrected as the logistic function.
 */
BPI_INLINE vec silu_of(vec x, const double *p)
{
    (void)p;
    const vec shifted = shifted_exp_of_minus(x), e = shifted * unshift;
    const vec divisor = 1 + e, lost = e - (divisor - 1);
    const vec factor = choose(x < 0, shifted, splat(1));
    const vec y = choose(x < least_exponent, (vec){0}, x) * factor / divisor;
    const vec corrected = negated_multiply_add(masked(lost != 0, y), lost, y); /* not infinity times 0 */
    return corrected * choose(x < 0, splat(unshift), splat(1));
}

/* f(x) (1 + x f(-x)) with the logistic function f, f(-|x|) = e / (1 + e). */
BPI_INLINE vec silu_slope_of(vec x, const double *p)
{
    (void)p;
    const vec e = exp_of_minus(x), share = 1 / (1 + e);
    const vec bounded = choose(absolute(x) > -min_exponent, (vec){0}, x);
    return share * (choose(x < 0, e, splat(1)) + bounded * (e * share));
}

#endif
