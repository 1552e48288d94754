/* Logarithms of vectors of doubles. */
#ifndef BPI_KERNEL_WIDE_LOG_H
#define BPI_KERNEL_WIDE_LOG_H

#include "kernel/wide.h"

/*
 * ln u for finite u that are normal, > 0. Argument reduction: u = 2^k m with sqrt(1/2) <= m < sqrt(2). With
 * s = (m - 1) / (m + 1), so |s| <= 0.1716, ln m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...); the error of
 * eleven terms is below 2^-60.
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

/* ln(1 + z) for z >= 0, as accurate for small z as for large z: with u = 1 + z as rounded, ln u plus the
 * correction (z - (u - 1)) / u. NaN for NaN and for infinity. */
BPI_NOINLINE wide wide_log1p(wide z)
{
    const wide u = 1 + z;
    return wide_ln(u) + (z - (u - 1)) / u;
}

#endif
