/* Vectors of doubles, in which E is summed. A vector of bp_real widens to WIDE_PARTS of them. */
#ifndef BPI_KERNEL_WIDE_H
#define BPI_KERNEL_WIDE_H

#include "kernel/vector.h"

enum { WIDE_PARTS = sizeof(double) / sizeof(bp_real), WIDE_LANES = BPI_LANES / WIDE_PARTS };
typedef double wide __attribute__((vector_size(BPI_VECTOR_BYTES)));
typedef uint64_t wide_bits __attribute__((vector_size(BPI_VECTOR_BYTES)));

/* A sum in double for each lane of a vec. */
typedef struct wide_sum {
    wide part[WIDE_PARTS];
} wide_sum;

BPI_MULTIPLY_ADD_DOUBLE(wide_, wide)

BPI_INLINE wide wide_splat(double value)
{
    return value - (wide){0};
}

/* slope * x + at_0 */
BPI_INLINE wide wide_line(wide x, double slope, double at_0)
{
    return wide_multiply_add(x, wide_splat(slope), wide_splat(at_0));
}

BPI_INLINE wide load_wide(const bp_real *from)
{
    bp_real part __attribute__((vector_size(BPI_VECTOR_BYTES / WIDE_PARTS)));
    memcpy(&part, from, sizeof part);
    return __builtin_convertvector(part, wide);
}

/* The sum of all lanes. */
BPI_INLINE double sum_of_wide(const wide_sum *terms)
{
    wide sum = terms->part[0];
    BPI_UNROLL
    for (size_t part = 1; part < WIDE_PARTS; part++)
        sum += terms->part[part];
    BPI_UNROLL
    for (size_t half = WIDE_LANES / 2; half > 0; half /= 2)
        sum += (wide)swap_lanes((vec)sum, half * WIDE_PARTS);
    return sum[0];
}

/* The lanes of one part of a vec. */
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

#ifndef BP_DOUBLE
/* The parts as a vec, rounded. */
BPI_INLINE vec narrowed(const wide_sum *x)
{
#if BPI_VECTOR_BYTES == 64
    const __m512 low = _mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)x->part[0]));
    return (vec)_mm512_insertf32x8(low, _mm512_cvtpd_ps((__m512d)x->part[1]), 1);
#elif BPI_VECTOR_BYTES == 32
    return (vec)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)x->part[1]), _mm256_cvtpd_ps((__m256d)x->part[0]));
#elif defined(__aarch64__)
    return (vec)vcvt_high_f32_f64(vcvt_f32_f64((float64x2_t)x->part[0]), (float64x2_t)x->part[1]);
#else
    return (vec)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)x->part[0]), _mm_cvtpd_ps((__m128d)x->part[1]));
#endif
}
#endif

#endif
