/* exp and the logistic function for the hand-written loops: plain C that compilers turn into vectors. */
#ifndef BENCH_FAST_MATH_H
#define BENCH_FAST_MATH_H

#include <stdint.h>
#include <string.h>

/* e^x for -87 <= x <= 88, others as at these ends: x = n ln 2 + r, a polynomial in r whose terms do not wait
 * for each other, n into the exponent. */
static inline float fast_exp(float x)
{
    const float whole = 12582912; /* 1.5 * 2^23: what is added to it is rounded to a whole number */
    x = x < -87 ? -87 : x;
    x = x > 88 ? 88 : x;
    float shifted = x * 1.44269504F + whole, n = shifted - whole;
    float r = x - n * 0.693359375F + n * 2.12194440e-4F, r2 = r * r;
    float low = (r + 1) + r2 * (r * (1.0F / 6) + 0.5F);
    float high = (r * (1.0F / 120) + 1.0F / 24) + r2 * (1.0F / 720);
    uint32_t bits; /* n stands in the last bits of shifted */
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return (low + r2 * r2 * high) * scale;
}

static inline float fast_logistic(float x)
{
    return 1 / (1 + fast_exp(-x));
}

#endif
