/* Long sums of doubles whose rounding errors are summed too: A. Neumaier, "Rundungsfehleranalyse einiger
 * Verfahren zur Summation endlicher Summen", ZAMM 54 (1974), 39-51. */
#ifndef BPI_BASE_SUM_H
#define BPI_BASE_SUM_H

#include <math.h>

#include "base/arithmetic.h"

/* Begins as {0}. */
typedef struct long_sum {
    double sum, lost;
} long_sum;

static inline void bpi_sum_add(long_sum *sum, double value)
{
    double next = sum->sum + value;
    sum->lost += fabs(sum->sum) >= fabs(value) ? (sum->sum - next) + value : (value - next) + sum->sum;
    sum->sum = next;
}

static inline double bpi_sum_value(const long_sum *sum)
{
    return sum->sum + sum->lost;
}

#endif
