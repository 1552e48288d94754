/*
 * The arithmetic that all sources rest on; each includes this. Results must be what IEEE 754 says, operation
 * by operation: NaN and infinity are looked for, sums stay in their order, and a multiply-add is only where
 * one is written. cmake/arithmetic.cmake sees to it, whatever the flags of the project around; this is for
 * builds that do without it.
 */
#ifndef BPI_BASE_ARITHMETIC_H
#define BPI_BASE_ARITHMETIC_H

#include <float.h>

#if FLT_EVAL_METHOD != 0
#error "each result must be rounded to its type, which x87 arithmetic does not do: use -msse2 -mfpmath=sse"
#endif

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) ||               \
    defined(__NO_SIGNED_ZEROS__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ != 0)
#error "backprop must be compiled without -ffast-math and its parts: use -fno-fast-math"
#endif

#endif
