/* The monotonic clock. */
#ifndef BPI_BASE_CLOCK_H
#define BPI_BASE_CLOCK_H

#include "base/arithmetic.h"

/* Seconds since an arbitrary fixed point. */
double bpi_clock_seconds(void);

#endif
