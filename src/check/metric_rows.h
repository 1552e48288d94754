/* Outputs and targets, row by row, as the figures of predictions see them: a row for each time step of each
 * case. */
#ifndef BPI_CHECK_METRIC_ROWS_H
#define BPI_CHECK_METRIC_ROWS_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

typedef struct metric_rows {
    const bp_real *outputs; /* without gaps */
    bp_data data;           /* checked: the steps of a case are one row */
    size_t width, steps;    /* of one time step; steps of a case */
    size_t count;           /* cases times steps */
    double weight_factor; /* a power of 2 that makes the largest weight 0.5 to 1, so that no sum overflows */
    double weight;        /* the sum of all, with that factor */
} metric_rows;

/*
 * Checks outputs, targets and case weights of a public call. The weights of all cases together must be more
 * than 0 and, without the factor, finite. may_miss: targets that are not there are permitted where the data
 * say so.
 */
bp_status bpi_metric_rows(const char *function, const bp_real *outputs, const bp_data *data, bool may_miss,
                          metric_rows *rows);

static inline const bp_real *output_of(const metric_rows *rows, size_t row)
{
    return rows->outputs + row * rows->width;
}

static inline const bp_real *target_of(const metric_rows *rows, size_t row)
{
    return rows->data.targets + row / rows->steps * rows->data.target_stride +
           row % rows->steps * rows->width;
}

/* With the factor. */
static inline double weight_of(const metric_rows *rows, size_t row)
{
    const bp_real *weights = rows->data.case_weights;
    return weights == NULL ? 1 : rows->weight_factor * (double)weights[row / rows->steps];
}

#endif
