/* exp and the logistic function for the hand-written loops: plain C that compilers turn into vectors. */
#ifndef BENCH_FAST_MATH_H
#define BENCH_FAST_MATH_H

#include <stdint.h>
#include <string.h>

/* e^x for -87 <= x <= 88, others as at these ends: x = n ln 2 + r, a polynomial in r, n into the exponent. */
static inline float fast_exp(float x)
{
    const float whole = 12582912; /* 1.5 * 2^23: what is added to it is rounded to a whole number */
    x = x < -87 ? -87 : x;
    x = x > 88 ? 88 : x;
    float shifted = x * 1.44269504F + whole, n = shifted - whole;
    float r = x - n * 0.693359375F + n * 2.12194440e-4F;
    float p = 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1;
    p = p * r + 1;
    int32_t bits = ((int32_t)n + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float fast_logistic(float x)
{
    return 1 / (1 + fast_exp(-x));
}

#endif
