/* The epochs of a curve that are drawn. */
#ifndef BPI_FORMAT_CURVE_LINE_H
#define BPI_FORMAT_CURVE_LINE_H

#include <stddef.h>

#include "base/arithmetic.h"

enum { MAX_POINTS = 1000 };

/*
 * Chooses at most MAX_POINTS of `count` values: all of them, or the lowest and the highest of groups of
 * neighbours, and the first and the last. A group with a value that is not finite has that, too, in place of
 * its highest one, so that a gap stays. Returns how many were chosen; their indices ascend.
 */
size_t bpi_thin_curve(const double *values, size_t count, size_t points[MAX_POINTS]);

#endif
