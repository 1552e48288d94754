/* The range of bp_real in the precision of this build. */
#ifndef BPI_BASE_REAL_H
#define BPI_BASE_REAL_H

#include <math.h>
#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

#ifdef BP_DOUBLE
#define BPI_REAL_MAX     DBL_MAX
#define BPI_REAL_EPSILON DBL_EPSILON
#else
#define BPI_REAL_MAX     ((double)FLT_MAX)
#define BPI_REAL_EPSILON FLT_EPSILON
#endif

/* Is value finite as a bp_real? */
static inline bool bpi_fits_real(double value)
{
    return fabs(value) <= BPI_REAL_MAX;
}

#endif
