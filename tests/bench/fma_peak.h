/* The multiply-add peak of one core: a loop that touches registers only. */
#ifndef BENCH_FMA_PEAK_H
#define BENCH_FMA_PEAK_H

#include <stdbool.h>

/* Bits of the widest registers for which there is such a loop on this processor, or 0. */
int fma_peak_bits(void);

/* Does at least so many operations (a multiply-add is two) in single precision, in the widest registers. */
void run_fma_peak(double operations);

/* The same in registers of 256 bits, on x86-64 with AVX-512; else as run_fma_peak. */
void run_fma_peak_256(double operations);

#endif
