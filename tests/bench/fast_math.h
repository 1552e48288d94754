/* exp and the logistic function for the hand-written loops, in plain C that compilers vectorize. */
#ifndef BENCH_FAST_MATH_H
#define BENCH_FAST_MATH_H

#include <stdint.h>
#include <string.h>

/* e^x = 2^n 2^f for -87 <= x <= 88, other x as at these ends: n becomes the exponent, 2^f is a polynomial
 * with a short dependency chain. Relative error below 6e-7 for |x| <= 20. */
static inline float fast_exp(float x)
{
    const float whole = 12582912; /* 1.5 * 2^23: adding it rounds to an integer */
    x = x < -87 ? -87 : x;
    x = x > 88 ? 88 : x;
    float shifted = x * 1.44269504F + whole, f = x * 1.44269504F - (shifted - whole), f2 = f * f;
    float low = (f * 0.693147181F + 1) + f2 * (f * 0.0555041087F + 0.240226507F);
    float high = (f * 0.00133335581F + 0.00961812911F) + f2 * 0.000154035304F;
    uint32_t bits; /* n is in the low bits of shifted */
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return (low + f2 * f2 * high) * scale;
}

static inline float fast_logistic(float x)
{
    return 1 / (1 + fast_exp(-x));
}

#endif
