/*
 * exp, the logistic function and tanh, a vector at a time. All are computed from e^x for x <= 0, which cannot
 * overflow; results below the smallest normal number are flushed to zero. Error of logistic and tanh in
 * float, for all inputs with a normal result: below 2 units in the last place (tests/kernel/test_math.c).
 * Infinite inputs give the limits, NaN gives NaN.
 */
#ifndef BPI_KERNEL_MATH_TEMPLATE_H
#define BPI_KERNEL_MATH_TEMPLATE_H

#include "kernel/vector.h"

/*
 * Argument reduction: e^x = 2^n e^r, n the integer nearest to x / ln 2, |r| <= ln 2 / 2. The polynomials
 * interpolate
 * (e^r - 1 - r) / r^2 and, for tanh on |x| < 0.625, (tanh x / x - 1) / x^2 as a function of x^2, each at the
 * Chebyshev nodes of its interval; relative errors 2^-32 and 2^-30 in float, 2^-62 and 2^-59 in double.
 */
#ifdef BP_DOUBLE
static const bp_real exp_terms[] = {
    0.5,
    0.16666666666666671438,
    0.041666666666666670074,
    0.0083333333333255446996,
    0.0013888888888883326674,
    0.00019841269876864354929,
    0.000024801587327007186731,
    2.7557252833556909748e-6,
    2.7557271810219799569e-7,
    2.5106274733573294687e-8,
    2.0915442297780115216e-9,
};
static const bp_real tanh_terms[] = {
    -0.33333333333333332938,    0.13333333333333041602,      -0.05396825396789699169,
    0.021869488519008305756,    -0.008863235103240877925,    0.0035921217511549622695,
    -0.0014557754120478055104,  0.0005896606577757043347,    -0.00023759064960555619551,
    0.000092571161295567682707, -0.000031201101425797400033, 6.48516348279311315e-6,
};
static const bp_real ln2_high = 0x1.62e42fefp-1, ln2_low = 0x1.473de6af278edp-34; /* 33 bits, and the rest */
static const bp_real min_exponent = -0x1.6232bdd7abcd2p+9; /* ln of the smallest normal number */
static const bp_real rounding_shift = 0x1.8p52;            /* adding it rounds to an integer */
enum { MANTISSA_BITS = 52, EXPONENT_BIAS = 1023 };
#else
static const bp_real exp_terms[] = {
    0.50000000142862234172f,   0.16666666682534356071f,   0.041666456809677876034f,
    0.0083333100242252924299f, 0.0013934541928270264477f, 0.00019891981313977690212f,
};
static const bp_real tanh_terms[] = {
    -0.33333333172140361638f, 0.13333303556915741766f,   -0.053959259577204542744f,
    0.021768918651028210152f, -0.008343945515839152048f, 0.0022927448161781423431f,
};
static const bp_real ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f; /* 15 bits, and the rest */
static const bp_real min_exponent = -0x1.5d589ep+6f;
static const bp_real rounding_shift = 0x1.8p23f;
enum { MANTISSA_BITS = 23, EXPONENT_BIAS = 127 };
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* slope * x + at_0 */
BPI_INLINE vec line(vec x, bp_real slope, bp_real at_0)
{
    return multiply_add(x, splat(slope), splat(at_0));
}

/* sum of terms[i] x^i, by Horner's rule in x^2 for pairs of terms: half the latency of Horner's rule in x. */
BPI_INLINE vec polynomial(vec x, vec square, const bp_real *terms, size_t count)
{
    vec sum = count % 2 ? splat(terms[count - 1]) : line(x, terms[count - 1], terms[count - 2]);
    BPI_UNROLL
    for (size_t i = count - 2 + count % 2; i > 0; i -= 2)
        sum = multiply_add(sum, square, line(x, terms[i - 1], terms[i - 2]));
    return sum;
}

/* `value` in the lanes of the mask, 0 in the others. */
BPI_INLINE vec masked(mask_vec mask, vec value)
{
    return (vec)(mask & (mask_vec)value);
}

BPI_INLINE vec absolute(vec x)
{
    const lane_bits sign = (lane_bits)1 << (8 * sizeof(lane_bits) - 1);
    return (vec)((bits_vec)x & ~sign);
}

/* e^-m = (1 + e_r_less_1) two_n. */
typedef struct exp_parts {
    vec e_r_less_1, two_n;
} exp_parts;

/*
 * Of e^-(magnitude + rest) for magnitudes >= 0 and small rests, times 2^shift; two_n is 0 and r is 0 in the
 * lanes that are not `wanted`, which are those of magnitudes beyond -min_exponent, or with a shift of 100
 * beyond -least_exponent. Nothing overflows on the way to such a 0, so that programs that trap floating-point
 * exceptions are not interrupted: n / 2 is computed instead of n, which keeps every finite magnitude finite,
 * and r and 2^n are masked. The masks are not on the critical path.
 */
BPI_INLINE exp_parts find_exp(mask_vec wanted, vec magnitude, vec rest, int shift)
{
    const bp_real log2_e = (bp_real)1.4426950408889634074, half_shift = rounding_shift / 2;
    vec shifted = line(magnitude, -log2_e / 2, half_shift); /* n, in the low bits of the mantissa */
    vec half_n = shifted - half_shift;
    vec r = negated_multiply_add(half_n, splat(2 * ln2_high), -magnitude);
    r = masked(wanted, negated_multiply_add(half_n, splat(2 * ln2_low), r) - rest);
    vec square = r * r;
    return (exp_parts){
        .e_r_less_1 = multiply_add(square, polynomial(r, square, exp_terms, COUNT(exp_terms)), r),
        .two_n =
            masked(wanted, (vec)(((bits_vec)shifted + (lane_bits)(EXPONENT_BIAS + shift)) << MANTISSA_BITS)),
    };
}

/* e^-m for magnitudes m >= 0; 0 in the lanes that are not `wanted`, which are those of magnitudes beyond
 * -min_exponent. */
BPI_INLINE vec exp_where(mask_vec wanted, vec magnitude)
{
    const exp_parts parts = find_exp(wanted, magnitude, (vec){0}, 0);
    return multiply_add(parts.e_r_less_1, parts.two_n, parts.two_n);
}

/* e^-|x| */
BPI_INLINE vec exp_of_minus(vec x)
{
    vec magnitude = absolute(x);
    return exp_where(~(mask_vec)(magnitude > -min_exponent), magnitude);
}

/* e^(x - max) for x <= max; the difference may overflow. */
BPI_INLINE vec exp_of_difference(vec x, vec max)
{
    const bp_real half = (bp_real)0.5;
    const mask_vec is_normal = ~(mask_vec)(half * x - half * max < half * min_exponent);
    const vec magnitude = masked(is_normal, max) - masked(is_normal, x);
    return exp_where(is_normal, magnitude);
}

/* copysign: `magnitude` with the sign of `sign_from`. */
BPI_INLINE vec with_sign_of(vec sign_from, vec magnitude)
{
    const lane_bits sign = (lane_bits)1 << (8 * sizeof(lane_bits) - 1);
    return (vec)(((bits_vec)sign_from & sign) | ((bits_vec)magnitude & ~sign));
}

/*
 * [RHW86] eq. 2: y = 1 / (1 + e^-x), for negative x in the form e^x / (1 + e^x). `lost` is the rounding error
 * of 1 + e; correcting the quotient for it keeps the error below 2 units in the last place.
 */
BPI_INLINE vec logistic_of(vec x)
{
    vec e = exp_of_minus(x);
    vec divisor = 1 + e, lost = e - (divisor - 1);
    vec y = choose(x < 0, e, splat(1)) / divisor;
    return negated_multiply_add(y, lost, y);
}

/* A magnitude, limited to 2^100 (in double 2^1000) or replaced by 0 above it: for larger magnitudes and NaN
 * the result is arbitrary, as long as doubling it does not overflow. The bits of magnitudes, read as
 * integers, are in the order of the numbers, and an integer minimum is faster than comparing and masking. */
BPI_INLINE vec capped(vec magnitude)
{
#if defined(BP_DOUBLE)
    return masked(magnitude < 0x1p1000, magnitude);
#elif BPI_VECTOR_BYTES == 64
    return (vec)_mm512_min_epu32((__m512i)magnitude, (__m512i)splat(0x1p100f));
#elif BPI_VECTOR_BYTES == 32
    return (vec)_mm256_min_epu32((__m256i)magnitude, (__m256i)splat(0x1p100f));
#elif defined(__aarch64__)
    return (vec)vminq_u32((uint32x4_t)magnitude, (uint32x4_t)splat(0x1p100f));
#else
    return masked(magnitude < 0x1p100f, magnitude);
#endif
}

/* |x| < 0.625: x + x^3 P(x^2), computed with 0 for other x, whose powers may overflow; above: 1 - 2 e / (1 +
 * e) with e = e^-2|x|. */
BPI_INLINE vec tanh_of(vec x)
{
    vec magnitude = absolute(x);
    mask_vec is_small = ~(mask_vec)(magnitude >= (bp_real)0.625); /* NaN is */
    vec base = masked(is_small, x), square = base * base;
    vec terms = polynomial(square, square * square, tanh_terms, COUNT(tanh_terms));
    vec small = multiply_add(base * square, terms, base);
    vec e = exp_where(~(mask_vec)(magnitude > min_exponent / -2), 2 * capped(magnitude));
    vec large = 1 - 2 * e / (1 + e);
    return choose(is_small, small, with_sign_of(x, large));
}

/* max(x, 0); NaN stays NaN, so that divergence is detected. */
BPI_INLINE vec relu_of(vec x)
{
    return choose(x <= 0, (vec){0}, x);
}

#endif
