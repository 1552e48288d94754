/* Student's t distribution, of any degrees of freedom > 0, also such that are no whole number. The relative
 * error is below 1e-12, of 1e7 degrees of freedom below 1e-9. */
#ifndef BPI_CHECK_STUDENT_H
#define BPI_CHECK_STUDENT_H

#include "backprop.h"
#include "base/arithmetic.h"

/* The probability that t exceeds a value >= 0. */
double bpi_student_tail(double t, double degrees);

/* The t >= 0 that is exceeded with the probability `tail`, 0 < tail <= 1/2. */
double bpi_student_quantile(double tail, double degrees);

#endif
