/*
 * Functions of the table that change a row by random numbers. Philox4x32 (base/philox.h) makes 4 words from
 * each of the 8 counters of a group: a 32-bit word in the lower half of each lane of 64 bits, whose product
 * is then one instruction. What is left in the upper halves is never read.
 */
#ifndef BPI_KERNEL_NOISE_TEMPLATE_H
#define BPI_KERNEL_NOISE_TEMPLATE_H

#include "base/philox.h"
#include "kernel/wide_circle.h"
#include "kernel/wide_log.h"

/* Before a loop that is to stay as short as it is. */
#if defined(__clang__)
#define BPI_NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define BPI_NO_UNROLL _Pragma("GCC unroll 1")
#endif

enum { COUNTER_PARTS = ROW_COUNTERS / WIDE_LANES };
typedef uint32_t half_bits __attribute__((vector_size(BPI_VECTOR_BYTES / 2)));
typedef uint32_t unit_words __attribute__((vector_size(4 * BPI_LANES))); /* a word for each lane of a vec */

/* The product of the lower halves of each lane. */
BPI_INLINE wide_bits multiply_words(wide_bits a, uint32_t b)
{
#if BPI_VECTOR_BYTES == 64
    return (wide_bits)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(b));
#elif BPI_VECTOR_BYTES == 32
    return (wide_bits)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(b));
#elif defined(__aarch64__)
    return (wide_bits)vmull_u32(vmovn_u64((uint64x2_t)a), vdup_n_u32(b));
#else
    return (wide_bits)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(b));
#endif
}

BPI_INLINE wide_bits splat_bits(uint64_t bits)
{
    return bits + (wide_bits){0};
}

BPI_NOINLINE void random_words(const random_row *row, size_t group, uint32_t words[ROW_GROUP])
{
    static const uint64_t numbers[ROW_COUNTERS] = {0, 1, 2, 3, 4, 5, 6, 7};
    wide_bits c[4][COUNTER_PARTS], k0 = splat_bits(row->bits[0]), k1 = splat_bits(row->bits[1]);
    BPI_UNROLL
    for (size_t part = 0; part < COUNTER_PARTS; part++) {
        memcpy(&c[0][part], numbers + WIDE_LANES * part, sizeof c[0][part]);
        c[0][part] += splat_bits(ROW_COUNTERS * group);
        c[1][part] = splat_bits(row->stream);
        c[2][part] = splat_bits(row->bits[2]);
        c[3][part] = splat_bits(row->bits[3]);
    }
    BPI_NO_UNROLL
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        BPI_UNROLL
        for (size_t part = 0; part < COUNTER_PARTS; part++) {
            const wide_bits p0 = multiply_words(c[0][part], BPI_PHILOX_M0);
            const wide_bits p1 = multiply_words(c[2][part], BPI_PHILOX_M1);
            c[0][part] = p1 >> 32 ^ c[1][part] ^ k0;
            c[1][part] = p1;
            c[2][part] = p0 >> 32 ^ c[3][part] ^ k1;
            c[3][part] = p0;
        }
        k0 += BPI_PHILOX_W0;
        k1 += BPI_PHILOX_W1;
    }
    BPI_UNROLL
    for (size_t i = 0; i < 4 * COUNTER_PARTS; i++) {
        const half_bits low = __builtin_convertvector(c[i / COUNTER_PARTS][i % COUNTER_PARTS], half_bits);
        memcpy(words + WIDE_LANES * i, &low, sizeof low);
    }
}

/* The first `units` of a group. */
BPI_NOINLINE void drop_group(const uint32_t *words, uint32_t threshold, bp_real kept, const bp_real *y,
                             bp_real *out, bp_real *factors, size_t units)
{
    BPI_NO_UNROLL
    for (size_t i = 0; i < units; i += BPI_LANES) {
        const size_t lanes = units - i < BPI_LANES ? units - i : BPI_LANES;
        unit_words own;
        memcpy(&own, words + i, sizeof own);
        const bits_vec bits = __builtin_convertvector(own, bits_vec);
        const vec factor = (vec)((bits_vec)(bits >= (lane_bits)threshold) & (bits_vec)splat(kept));
        store_lanes(out + i, load_lanes(y + i, lanes) * factor, lanes);
        if (factors != NULL)
            store_lanes(factors + i, factor, lanes);
    }
}

static void drop_units(const random_row *row, uint32_t threshold, bp_real kept, const bp_real *y,
                       bp_real *out, bp_real *factors, size_t count)
{
    for (size_t i = 0; i < count; i += ROW_GROUP) {
        uint32_t words[ROW_GROUP];
        random_words(row, i / ROW_GROUP, words);
        drop_group(words, threshold, kept, y + i, out + i, factors == NULL ? NULL : factors + i,
                   count - i < ROW_GROUP ? count - i : ROW_GROUP);
    }
}

/* ---------------------------------------------------------------------- noise */

BPI_INLINE wide wide_square_root(wide x)
{
#if BPI_VECTOR_BYTES == 64
    return (wide)_mm512_sqrt_pd((__m512d)x);
#elif BPI_VECTOR_BYTES == 32
    return (wide)_mm256_sqrt_pd((__m256d)x);
#elif defined(__aarch64__)
    return (wide)vsqrtq_f64((float64x2_t)x);
#else
    return (wide)_mm_sqrt_pd((__m128d)x);
#endif
}

/* Integers below 2^52 as doubles. */
BPI_INLINE wide wide_of_bits(wide_bits integer)
{
    return (wide)(integer | 0x4330000000000000) - 0x1p52;
}

/*
 * cos and sin of 2 pi b / 2^32. With q the nearest quarter of a turn, the rest is an angle t of at most pi /
 * 4, where the terms up to t^16 are enough for a double.
 */
BPI_INLINE void circle(wide_bits b, wide *cosine, wide *sine)
{
    const wide_bits eighth = b + 0x20000000, q = eighth >> 30;
    const wide t = (wide_of_bits(eighth & 0x3fffffff) - 0x1p29) * 0x1.921fb54442d18p-30; /* 2 pi / 2^32 */
    const wide square = t * t;
    const wide_bits c = (wide_bits)taylor_series(square, cosine_terms, COSINE_TERMS);
    const wide_bits s = (wide_bits)(t * taylor_series(square, sine_terms, SINE_TERMS));
    const wide_bits swapped = -(q & 1); /* all ones in odd quarters */
    *cosine = (wide)(((s & swapped) | (c & ~swapped)) ^ (((q + 1) >> 1 & 1) << 63));
    *sine = (wide)(((c & swapped) | (s & ~swapped)) ^ ((q >> 1 & 1) << 63));
}

BPI_INLINE wide_bits load_words(const uint32_t *words)
{
    half_bits half;
    memcpy(&half, words, sizeof half);
    return __builtin_convertvector(half, wide_bits);
}

/* Box & Muller 1958, for all pairs of a group. */
BPI_NOINLINE void make_noise(const uint32_t words[ROW_GROUP], double deviation, bp_real noise[ROW_GROUP])
{
    enum { PAIRS = ROW_GROUP / 2 };
    typedef bp_real narrow __attribute__((vector_size(WIDE_LANES * sizeof(bp_real))));
    BPI_NO_UNROLL
    for (size_t i = 0; i < PAIRS; i += WIDE_LANES) {
        wide cosine, sine;
        const wide uniform = (wide_of_bits(load_words(words + i)) + 1) * 0x1p-32;
        const wide radius = wide_square_root(-2 * wide_ln(uniform)) * deviation;
        circle(load_words(words + PAIRS + i), &cosine, &sine);
        const narrow first = __builtin_convertvector(radius * cosine, narrow);
        const narrow second = __builtin_convertvector(radius * sine, narrow);
        memcpy(noise + i, &first, sizeof first);
        memcpy(noise + PAIRS + i, &second, sizeof second);
    }
}

static void add_noise(const random_row *row, double deviation, bp_real *y, size_t count)
{
    for (size_t first = 0; first < count; first += ROW_GROUP) {
        uint32_t words[ROW_GROUP];
        bp_real noise[ROW_GROUP];
        random_words(row, first / ROW_GROUP, words);
        make_noise(words, deviation, noise);
        const size_t units = count - first < ROW_GROUP ? count - first : ROW_GROUP;
        BPI_NO_UNROLL
        for (size_t i = 0; i < units; i += BPI_LANES) {
            const size_t lanes = units - i < BPI_LANES ? units - i : BPI_LANES;
            store_lanes(y + first + i, load_lanes(y + first + i, lanes) + load(noise + i), lanes);
        }
    }
}

#endif
