/* E is found in double: vectors of doubles, of which a vector of floats makes two, and their logarithm. */
#ifndef BPI_KERNEL_WIDE_H
#define BPI_KERNEL_WIDE_H

#include "kernel/vector.h"

enum { WIDE_PARTS = sizeof(double) / sizeof(bp_real), WIDE_LANES = BPI_LANES / WIDE_PARTS };
typedef double wide __attribute__((vector_size(BPI_VECTOR_BYTES)));
typedef uint64_t wide_bits __attribute__((vector_size(BPI_VECTOR_BYTES)));

/* A sum in double for each lane of a vector. */
typedef struct wide_sum {
    wide part[WIDE_PARTS];
} wide_sum;

BPI_MULTIPLY_ADD_DOUBLE(wide_, wide)

BPI_INLINE wide wide_splat(double value)
{
    return value - (wide){0};
}

BPI_INLINE wide load_wide(const bp_real *from)
{
    bp_real part __attribute__((vector_size(BPI_VECTOR_BYTES / WIDE_PARTS)));
    memcpy(&part, from, sizeof part);
    return __builtin_convertvector(part, wide);
}

/* The lanes of a part of a vector. */
BPI_INLINE wide widen(vec value, size_t part)
{
#if defined(BP_DOUBLE)
    (void)part;
    return value;
#elif BPI_VECTOR_BYTES == 64
    return (wide)_mm512_cvtps_pd(part == 0 ? _mm512_castps512_ps256((__m512)value)
                                           : _mm512_extractf32x8_ps((__m512)value, 1));
#elif BPI_VECTOR_BYTES == 32
    return (wide)_mm256_cvtps_pd(part == 0 ? _mm256_castps256_ps128((__m256)value)
                                           : _mm256_extractf128_ps((__m256)value, 1));
#elif defined(__aarch64__)
    return (wide)(part == 0 ? vcvt_f64_f32(vget_low_f32((float32x4_t)value))
                            : vcvt_high_f64_f32((float32x4_t)value));
#else
    bp_real lanes[BPI_LANES];
    memcpy(lanes, &value, sizeof lanes);
    return load_wide(lanes + part * WIDE_LANES);
#endif
}

/* slope * x + at_0 */
BPI_INLINE wide wide_line(wide x, double slope, double at_0)
{
    return wide_multiply_add(x, wide_splat(slope), wide_splat(at_0));
}

/*
 * ln u for finite u >= 1. u = 2^k m with m from sqrt(1/2) to sqrt(2), and with s = (m - 1) / (m + 1), which
 * is at most 0.1716 in size, ln m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...), of which eleven terms leave
 * less than 2^-60.
 */
BPI_INLINE wide wide_ln(wide u)
{
    const uint64_t root_of_half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000, two_52 = 0x4330000000000000;
    const wide_bits bits = (wide_bits)u + (one - root_of_half);
    const wide k = (wide)(bits >> 52 | two_52) - (0x1p52 + 1023);
    const wide m = (wide)((bits & 0xfffffffffffff) + root_of_half);
    const wide s = (m - 1) / (m + 1), square = s * s, fourth = square * square;
    wide odd = wide_multiply_add(fourth, wide_splat(1.0 / 21), wide_line(square, 1.0 / 19, 1.0 / 17));
    odd = wide_multiply_add(odd, fourth, wide_line(square, 1.0 / 15, 1.0 / 13));
    odd = wide_multiply_add(odd, fourth, wide_line(square, 1.0 / 11, 1.0 / 9));
    odd = wide_multiply_add(odd, fourth, wide_line(square, 1.0 / 7, 1.0 / 5));
    odd = wide_multiply_add(odd, square, wide_splat(1.0 / 3));
    const wide half = wide_multiply_add(s * square, odd, s);
    return wide_multiply_add(k, wide_splat(0x1.62e42fefa39efp-1), 2 * half);
}

/* ln(1 + z) for z >= 0, as exact for small z as for large: ln u + (z - (u - 1)) / u for u = 1 + z as it is
 * rounded. NaN gives NaN, and so does infinity. */
BPI_APART __attribute__((unused)) wide wide_log1p(wide z)
{
    const wide u = 1 + z;
    return wide_ln(u) + (z - (u - 1)) / u;
}

#endif
