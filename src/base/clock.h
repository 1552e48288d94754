/* Wall-clock time that never goes backwards. */
#ifndef BPI_BASE_CLOCK_H
#define BPI_BASE_CLOCK_H

#include "base/arithmetic.h"

/* Seconds since some fixed moment. */
double bpi_clock_seconds(void);

#endif
