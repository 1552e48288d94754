/*
 * One vector register as a C type, by GCC's and Clang's vector extensions: arithmetic and comparisons are
 * written with the usual operators and work on every lane. The file of an instruction set defines
 * BPI_VECTOR_BYTES, the size of its registers, before it includes this.
 *
 * The functions here are what the extensions lack: loads and stores (all unaligned, since rows may begin
 * anywhere), multiply-add, partial loads and stores for the last vector of a row, selection by a mask, and
 * reductions over the lanes.
 */
#ifndef BPI_KERNEL_VECTOR_H
#define BPI_KERNEL_VECTOR_H

#include <string.h>

#include "kernel/kernel.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#ifdef BP_DOUBLE
typedef uint64_t lane_bits;
typedef int64_t lane_mask;
#else
typedef uint32_t lane_bits;
typedef int32_t lane_mask;
#endif

#define BPI_LANES  (BPI_VECTOR_BYTES / sizeof(bp_real))
#define BPI_INLINE static inline __attribute__((always_inline))
/* For functions that need many registers: inlined into one caller, they would make each other spill. */
#define BPI_NOINLINE static __attribute__((noinline))

/* Before a loop whose bounds are constants once it is inlined: it is unrolled completely, so that the arrays
 * that it indexes can be kept in registers. */
#if defined(__clang__)
#define BPI_UNROLL _Pragma("clang loop unroll(full)")
#else
#define BPI_UNROLL _Pragma("GCC unroll 16")
#endif

typedef bp_real vec __attribute__((vector_size(BPI_VECTOR_BYTES)));
typedef lane_bits bits_vec __attribute__((vector_size(BPI_VECTOR_BYTES)));
typedef lane_mask mask_vec __attribute__((vector_size(BPI_VECTOR_BYTES))); /* a lane is all ones or zero */

BPI_INLINE vec splat(bp_real value)
{
    return value - (vec){0}; /* value - 0 is value, even for -0 and NaN: compiles to a broadcast */
}

BPI_INLINE vec load(const bp_real *from)
{
    vec value;
    memcpy(&value, from, sizeof value);
    return value;
}

BPI_INLINE void store(bp_real *to, vec value)
{
    memcpy(to, &value, sizeof value);
}

/*
 * Multiply-add: multiply_add is a * b + c, and negated_multiply_add is c - a * b. With AVX2, AVX-512 and NEON
 * they are fused, so that only the result is rounded; SSE2 has no such instruction, and the product is
 * rounded too. Everything is compiled with -ffp-contract=off, so that a compiler never fuses what is written
 * with * and
 * +. Thus the roundings, and with them the bits of a result, depend neither on the compiler nor on its
 * options.
 */
#define BPI_MULTIPLY_ADD(prefix, type, register_type, fma, fnma)                                             \
    BPI_INLINE type prefix##multiply_add(type a, type b, type c)                                             \
    {                                                                                                        \
        return (type)fma((register_type)a, (register_type)b, (register_type)c);                              \
    }                                                                                                        \
    BPI_INLINE type prefix##negated_multiply_add(type a, type b, type c)                                     \
    {                                                                                                        \
        return (type)fnma((register_type)a, (register_type)b, (register_type)c);                             \
    }

#if BPI_VECTOR_BYTES == 64
#define BPI_MULTIPLY_ADD_SINGLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, __m512, _mm512_fmadd_ps, _mm512_fnmadd_ps)
#define BPI_MULTIPLY_ADD_DOUBLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, __m512d, _mm512_fmadd_pd, _mm512_fnmadd_pd)
#elif BPI_VECTOR_BYTES == 32
#define BPI_MULTIPLY_ADD_SINGLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, __m256, _mm256_fmadd_ps, _mm256_fnmadd_ps)
#define BPI_MULTIPLY_ADD_DOUBLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, __m256d, _mm256_fmadd_pd, _mm256_fnmadd_pd)
#elif defined(__aarch64__)
#define BPI_NEON_FMA(a, b, c)         vfmaq_f32(c, a, b)
#define BPI_NEON_FNMA(a, b, c)        vfmsq_f32(c, a, b)
#define BPI_NEON_FMA_DOUBLE(a, b, c)  vfmaq_f64(c, a, b)
#define BPI_NEON_FNMA_DOUBLE(a, b, c) vfmsq_f64(c, a, b)
#define BPI_MULTIPLY_ADD_SINGLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, float32x4_t, BPI_NEON_FMA, BPI_NEON_FNMA)
#define BPI_MULTIPLY_ADD_DOUBLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, float64x2_t, BPI_NEON_FMA_DOUBLE, BPI_NEON_FNMA_DOUBLE)
#else
#define BPI_PLUS_PRODUCT(a, b, c)  ((a) * (b) + (c))
#define BPI_MINUS_PRODUCT(a, b, c) ((c) - (a) * (b))
#define BPI_MULTIPLY_ADD_SINGLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, type, BPI_PLUS_PRODUCT, BPI_MINUS_PRODUCT)
#define BPI_MULTIPLY_ADD_DOUBLE(prefix, type)                                                                \
    BPI_MULTIPLY_ADD(prefix, type, type, BPI_PLUS_PRODUCT, BPI_MINUS_PRODUCT)
#endif

#ifdef BP_DOUBLE
BPI_MULTIPLY_ADD_DOUBLE(, vec)
#else
BPI_MULTIPLY_ADD_SINGLE(, vec)
#endif

/* a * b + c for scalars, with the roundings of a lane of a vector. */
BPI_INLINE bp_real scalar_multiply_add(bp_real a, bp_real b, bp_real c)
{
#if BPI_VECTOR_BYTES == 16 && !defined(__aarch64__)
    return a * b + c;
#elif defined(BP_DOUBLE)
    return __builtin_fma(a, b, c);
#else
    return __builtin_fmaf(a, b, c);
#endif
}

/* Correctly rounded, lane by lane; for values >= 0 and NaN. */
BPI_INLINE vec square_root(vec x)
{
#if BPI_VECTOR_BYTES == 64 && defined(BP_DOUBLE)
    return (vec)_mm512_sqrt_pd((__m512d)x);
#elif BPI_VECTOR_BYTES == 64
    return (vec)_mm512_sqrt_ps((__m512)x);
#elif BPI_VECTOR_BYTES == 32 && defined(BP_DOUBLE)
    return (vec)_mm256_sqrt_pd((__m256d)x);
#elif BPI_VECTOR_BYTES == 32
    return (vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__aarch64__) && defined(BP_DOUBLE)
    return (vec)vsqrtq_f64((float64x2_t)x);
#elif defined(__aarch64__)
    return (vec)vsqrtq_f32((float32x4_t)x);
#elif defined(BP_DOUBLE)
    return (vec)_mm_sqrt_pd((__m128d)x);
#else
    return (vec)_mm_sqrt_ps((__m128)x);
#endif
}

/* Lane by lane: mask ? yes : no. */
BPI_INLINE vec choose(mask_vec mask, vec yes, vec no)
{
    return (vec)((mask & (mask_vec)yes) | (~mask & (mask_vec)no));
}

/* Lane by lane: a < b ? a : b, and a > b ? a : b. The instructions of x86 choose b where a lane is NaN, too.
 */
#if defined(BP_DOUBLE)
#define BPI_X86_LANES(prefix, name) prefix##_##name##_pd
#define BPI_EXPONENT_BITS           0x7ff0000000000000
#define BPI_NORMAL_MASK(x)          _mm512_test_epi64_mask((__m512i)(x), _mm512_set1_epi64(BPI_EXPONENT_BITS))
#else
#define BPI_X86_LANES(prefix, name) prefix##_##name##_ps
#define BPI_EXPONENT_BITS           0x7f800000
#define BPI_NORMAL_MASK(x)          _mm512_test_epi32_mask((__m512i)(x), _mm512_set1_epi32(BPI_EXPONENT_BITS))
#endif
#if BPI_VECTOR_BYTES == 64
#define BPI_EXTREME(name, a, b) ((vec)BPI_X86_LANES(_mm512, name)(a, b))
#elif BPI_VECTOR_BYTES == 32
#define BPI_EXTREME(name, a, b) ((vec)BPI_X86_LANES(_mm256, name)(a, b))
#elif defined(__SSE2__)
#define BPI_EXTREME(name, a, b) ((vec)BPI_X86_LANES(_mm, name)(a, b))
#endif

BPI_INLINE vec smaller(vec a, vec b)
{
#if defined(BPI_EXTREME)
    return BPI_EXTREME(min, a, b);
#else
    return choose(a < b, a, b);
#endif
}

BPI_INLINE vec larger(vec a, vec b)
{
#if defined(BPI_EXTREME)
    return BPI_EXTREME(max, a, b);
#else
    return choose(a > b, a, b);
#endif
}

/* The lanes of x with any of these bits; 0 for the others. */
BPI_INLINE vec lanes_with_bits(vec x, lane_bits bits)
{
    return (vec)((mask_vec)(((bits_vec)x & bits) != 0) & (mask_vec)x);
}

/* The lanes that are normal numbers, infinite or NaN; 0 for the others. */
BPI_INLINE vec normal_lanes(vec x)
{
    return lanes_with_bits(x, BPI_EXPONENT_BITS);
}

/* The same, times a factor. */
BPI_INLINE vec multiply_normal(vec x, bp_real factor)
{
#if BPI_VECTOR_BYTES == 64
    return (vec)BPI_X86_LANES(_mm512, maskz_mul)(BPI_NORMAL_MASK(x), x, splat(factor));
#else
    return normal_lanes(x) * factor;
#endif
}

/* Is any lane of the mask all ones? */
BPI_INLINE bool any_lane(mask_vec mask)
{
#if BPI_VECTOR_BYTES == 64
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif BPI_VECTOR_BYTES == 32
    return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#elif defined(__aarch64__)
    return vmaxvq_u32((uint32x4_t)mask) != 0;
#else
    return _mm_movemask_epi8((__m128i)mask) != 0;
#endif
}

/* 0, 1, 2, ... */
BPI_INLINE mask_vec lane_numbers(void)
{
    mask_vec numbers;
    BPI_UNROLL
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        numbers[lane] = (lane_mask)lane;
    return numbers;
}

/* All ones in the first `count` lanes. */
BPI_INLINE mask_vec first_lanes(size_t count)
{
    return lane_numbers() < (lane_mask)count - (mask_vec){0};
}

/*
 * Partial loads and stores: the first `count` lanes, 1 <= count <= BPI_LANES. Memory beyond them is not
 * accessed; lanes that are not loaded are zero. AVX-512 and AVX2 have masked instructions for this.
 */
#if defined(__AVX512F__) && BPI_VECTOR_BYTES == 64

#ifdef BP_DOUBLE
BPI_INLINE vec load_first(const bp_real *from, size_t count)
{
    return (vec)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
}
BPI_INLINE void store_first(bp_real *to, vec value, size_t count)
{
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), (__m512d)value);
}
#else
BPI_INLINE vec load_first(const bp_real *from, size_t count)
{
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}
BPI_INLINE void store_first(bp_real *to, vec value, size_t count)
{
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)value);
}
#endif

#elif defined(__AVX2__) && BPI_VECTOR_BYTES == 32

#ifdef BP_DOUBLE
BPI_INLINE vec load_first(const bp_real *from, size_t count)
{
    return (vec)_mm256_maskload_pd(from, (__m256i)first_lanes(count));
}
BPI_INLINE void store_first(bp_real *to, vec value, size_t count)
{
    _mm256_maskstore_pd(to, (__m256i)first_lanes(count), (__m256d)value);
}
#else
BPI_INLINE vec load_first(const bp_real *from, size_t count)
{
    return (vec)_mm256_maskload_ps(from, (__m256i)first_lanes(count));
}
BPI_INLINE void store_first(bp_real *to, vec value, size_t count)
{
    _mm256_maskstore_ps(to, (__m256i)first_lanes(count), (__m256)value);
}
#endif

#else

BPI_INLINE vec load_first(const bp_real *from, size_t count)
{
    vec value = {0};
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        if (lane < count)
            value[lane] = from[lane];
    return value;
}

BPI_INLINE void store_first(bp_real *to, vec value, size_t count)
{
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        if (lane < count)
            to[lane] = value[lane];
}

#endif

/* The same, with a fast path for all lanes. */
BPI_INLINE vec load_lanes(const bp_real *from, size_t lanes)
{
    return lanes == BPI_LANES ? load(from) : load_first(from, lanes);
}

BPI_INLINE void store_lanes(bp_real *to, vec value, size_t lanes)
{
    if (lanes == BPI_LANES)
        store(to, value);
    else
        store_first(to, value, lanes);
}

/* The same again with less code, for loops that contain many of them. */
#if defined(__AVX2__)
BPI_INLINE vec load_last(const bp_real *from, size_t lanes)
{
    if (__builtin_constant_p(lanes) && lanes == BPI_LANES)
        return load(from);
    return load_first(from, lanes);
}
BPI_INLINE void store_last(bp_real *to, vec value, size_t lanes)
{
    store_lanes(to, value, lanes); /* a masked store takes several times as long as a plain one */
}
#else
BPI_NOINLINE vec load_part(const bp_real *from, size_t lanes)
{
    return load_first(from, lanes);
}
BPI_NOINLINE void store_part(bp_real *to, vec value, size_t lanes)
{
    store_first(to, value, lanes);
}
BPI_INLINE vec load_last(const bp_real *from, size_t lanes)
{
    return lanes == BPI_LANES ? load(from) : load_part(from, lanes);
}
BPI_INLINE void store_last(bp_real *to, vec value, size_t lanes)
{
    if (lanes == BPI_LANES)
        store(to, value);
    else
        store_part(to, value, lanes);
}
#endif

/*
 * Blocks of 16 bytes (4 floats, 2 doubles): every instruction set can insert them into a vector one by one,
 * and shuffle within all blocks of a vector at once. load_blocks makes a vector of those at from[0], from[1],
 * ...
 */
#define BPI_BLOCK  (16 / sizeof(bp_real))
#define BPI_BLOCKS (BPI_VECTOR_BYTES / 16)

BPI_INLINE vec load_blocks(const bp_real *const from[BPI_BLOCKS])
{
#if BPI_VECTOR_BYTES == 64
    __m512 blocks = _mm512_castps128_ps512(_mm_loadu_ps((const float *)from[0]));
    blocks = _mm512_insertf32x4(blocks, _mm_loadu_ps((const float *)from[1]), 1);
    blocks = _mm512_insertf32x4(blocks, _mm_loadu_ps((const float *)from[2]), 2);
    return (vec)_mm512_insertf32x4(blocks, _mm_loadu_ps((const float *)from[3]), 3);
#elif BPI_VECTOR_BYTES == 32
    __m256 low = _mm256_castps128_ps256(_mm_loadu_ps((const float *)from[0]));
    return (vec)_mm256_insertf128_ps(low, _mm_loadu_ps((const float *)from[1]), 1);
#else
    return load(from[0]);
#endif
}

/* Lane i of the result is lane i ^ distance of value: swaps halves, quarters, ..., neighbours. */
BPI_INLINE vec swap_lanes(vec value, size_t distance)
{
#if defined(__clang__)
    vec swapped = value;
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        swapped[lane] = value[lane ^ distance];
    return swapped;
#else
    return __builtin_shuffle(value, lane_numbers() ^ (lane_mask)distance);
#endif
}

/* Lanes 0, step, 2 step, ... in the first lanes. */
BPI_INLINE vec in_first_lanes(vec value, size_t step)
{
#if defined(__clang__)
    vec result = value;
    BPI_UNROLL
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        result[lane] = value[lane * step % BPI_LANES];
    return result;
#else
    return step == 1 ? value : __builtin_shuffle(value, lane_numbers() * (lane_mask)step);
#endif
}

/* Sum, and maximum, of all lanes, by pairwise reduction: a fixed order and a short chain. */
BPI_INLINE bp_real sum_of_lanes(vec value)
{
    BPI_UNROLL
    for (size_t half = BPI_LANES / 2; half > 0; half /= 2)
        value += swap_lanes(value, half);
    return value[0];
}

BPI_INLINE bp_real max_lane(vec value)
{
    BPI_UNROLL
    for (size_t half = BPI_LANES / 2; half > 0; half /= 2)
        value = larger(value, swap_lanes(value, half));
    return value[0];
}

/* With lanes in blocks of 2 * half: the sums of the two halves of each of a's blocks, and those of b's, in
 * alternate halves of the result's blocks. */
BPI_INLINE vec join_halves(vec a, vec b, size_t half)
{
#if defined(__clang__)
    vec low = a, high = a;
    BPI_UNROLL
    for (size_t lane = 0; lane < BPI_LANES; lane++) {
        size_t from = lane / (2 * half) * (2 * half) + lane % half;
        low[lane] = lane & half ? b[from] : a[from];
        high[lane] = lane & half ? b[from + half] : a[from + half];
    }
    return low + high;
#else
    mask_vec from = {0};
    BPI_UNROLL
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        from[lane] =
            (lane_mask)(lane / (2 * half) * (2 * half) + lane % half + (lane & half ? BPI_LANES : 0));
    return __builtin_shuffle(a, b, from) + __builtin_shuffle(a, b, from + (lane_mask)half);
#endif
}

/*
 * The sums of the lanes of each of `count` vectors; count is a power of 2 and at most BPI_LANES. Each step
 * adds halves and merges two vectors into one, until all sums are in one: that of v[i] in lane i * BPI_LANES
 * / count.
 */
BPI_INLINE vec sums_of_lanes(vec v[], size_t count)
{
    size_t half = BPI_LANES / 2;
    BPI_UNROLL
    for (size_t left = count / 2; left > 0; left /= 2, half /= 2) {
        BPI_UNROLL
        for (size_t i = 0; i < left; i++)
            v[i] = join_halves(v[i], v[i + left], half);
    }
    BPI_UNROLL
    for (size_t rest = BPI_LANES / count / 2; rest > 0; rest /= 2)
        v[0] += swap_lanes(v[0], rest);
    return v[0];
}

/* sum[i] = sum_of_lanes(v[i]), with the same bits; count as above, or more than BPI_LANES. */
BPI_INLINE void sum_lanes_of_each(vec v[], size_t count, bp_real sum[])
{
    const vec sums = count <= BPI_LANES ? sums_of_lanes(v, count) : v[0];
    BPI_UNROLL
    for (size_t i = 0; i < count; i++)
        sum[i] = count <= BPI_LANES ? sums[i * (BPI_LANES / count)] : sum_of_lanes(v[i]);
}

#endif
