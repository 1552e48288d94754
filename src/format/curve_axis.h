/* Axes of a learning curve: their ranges, their ticks, and the places of values on them. */
#ifndef BPI_FORMAT_CURVE_AXIS_H
#define BPI_FORMAT_CURVE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arithmetic.h"

enum { MAX_TICKS = 12 };

/* A logarithmic axis. */
typedef struct log_axis {
    double low, high; /* log10 of its ends */
    bool has_zero;    /* its lower end stands for 0 */
    double ticks[MAX_TICKS];
    size_t tick_count;
} log_axis;

/* The finite values of an axis: the lowest and the highest positive one, and whether there is a 0. */
typedef struct value_range {
    double low, high; /* low > high: no value is positive */
    bool has_zero;
} value_range;

value_range bpi_no_values(void);
void bpi_range_add(value_range *range, const double *values, size_t count);

/* An axis for these values, with a little space at both ends and at most about `ticks` <= MAX_TICKS ticks. */
log_axis bpi_log_axis(const value_range *range, size_t ticks);

/* The place of a value >= 0 on the axis: 0 at its lower end, 1 at the upper. */
double bpi_log_place(const log_axis *axis, double value);

/* The distance of about `ticks` ticks on an axis of 0 to `last` epochs: 1, 2 or 5 times a power of ten. */
size_t bpi_epoch_step(size_t last, size_t ticks);

#endif
