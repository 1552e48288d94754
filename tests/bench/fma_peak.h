/* The multiply-add peak of one core: a loop that touches registers only. */
#ifndef BENCH_FMA_PEAK_H
#define BENCH_FMA_PEAK_H

#include <stdbool.h>

/* Is there such a loop for this processor? */
bool has_fma_peak(void);

/* Does at least so many operations (a multiply-add is two) in single precision. */
void run_fma_peak(double operations);

#endif
