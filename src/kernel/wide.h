/* E is found in double: vectors of doubles, of which a vector of floats makes two, and their logarithm. */
#ifndef BPI_KERNEL_WIDE_H
#define BPI_KERNEL_WIDE_H

#include "kernel/vector.h"

enum { WIDE_PARTS = sizeof(double) / sizeof(bp_real), WIDE_LANES = BPI_LANES / WIDE_PARTS };
typedef double wide __attribute__((vector_size(BPI_VECTOR_BYTES)));
typedef uint64_t wide_bits __attribute__((vector_size(BPI_VECTOR_BYTES)));

BPI_INLINE wide load_wide(const bp_real *from)
{
    bp_real part __attribute__((vector_size(BPI_VECTOR_BYTES / WIDE_PARTS)));
    memcpy(&part, from, sizeof part);
    return __builtin_convertvector(part, wide);
}

/* The lanes of a part of a vector. */
BPI_INLINE wide widen(vec value, size_t part)
{
    bp_real lanes[BPI_LANES];
    memcpy(lanes, &value, sizeof lanes);
    return load_wide(lanes + part * WIDE_LANES);
}

/* sum over the parts: what is left to add are the lanes. */
BPI_INLINE wide sum_of_parts(vec value)
{
    wide sum = widen(value, 0);
    BPI_UNROLL
    for (size_t part = 1; part < WIDE_PARTS; part++)
        sum += widen(value, part);
    return sum;
}

/* Lanes in blocks of 2 * half: the two halves of a's blocks added up, then those of b's. */
BPI_INLINE wide join_wide_halves(wide a, wide b, size_t half)
{
#if defined(__clang__)
    wide low = a, high = a;
    BPI_UNROLL
    for (size_t lane = 0; lane < WIDE_LANES; lane++) {
        size_t from = lane / (2 * half) * (2 * half) + lane % half;
        low[lane] = lane & half ? b[from] : a[from];
        high[lane] = lane & half ? b[from + half] : a[from + half];
    }
    return low + high;
#else
    wide_bits from = {0};
    BPI_UNROLL
    for (size_t lane = 0; lane < WIDE_LANES; lane++)
        from[lane] = lane / (2 * half) * (2 * half) + lane % half + (lane & half ? WIDE_LANES : 0);
    return __builtin_shuffle(a, b, from) + __builtin_shuffle(a, b, from + (uint64_t)half);
#endif
}

/* Lane i of the result is the sum of the lanes of v[i], in an order that is the same for all. */
BPI_INLINE wide sums_of_wide_lanes(const wide v[WIDE_LANES])
{
    wide sum[WIDE_LANES];
    memcpy(sum, v, sizeof sum);
    BPI_UNROLL
    for (size_t left = WIDE_LANES / 2; left > 0; left /= 2) {
        BPI_UNROLL
        for (size_t i = 0; i < left; i++)
            sum[i] = join_wide_halves(sum[i], sum[i + left], left);
    }
    return sum[0];
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
    wide odd = fourth * (1.0 / 21) + (square * (1.0 / 19) + 1.0 / 17);
    odd = odd * fourth + (square * (1.0 / 15) + 1.0 / 13);
    odd = odd * fourth + (square * (1.0 / 11) + 1.0 / 9);
    odd = odd * fourth + (square * (1.0 / 7) + 1.0 / 5);
    const wide rest = s * square * (odd * square + 1.0 / 3);
    return k * 0x1.62e42fefa39efp-1 + 2 * (s + rest);
}

/* ln(1 + z) for z >= 0, as exact for small z as for large: ln u + (z - (u - 1)) / u for u = 1 + z as it is
 * rounded. NaN gives NaN, and so does infinity. */
BPI_APART wide wide_log1p(wide z)
{
    const wide u = 1 + z;
    return wide_ln(u) + (z - (u - 1)) / u;
}

#endif
