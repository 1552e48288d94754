/* What a network is measured by: its cases as points, their nearest neighbours, and linear models of them. */
#ifndef BPI_CHECK_BASELINE_H
#define BPI_CHECK_BASELINE_H

#include "check/agreement.h"
#include "check/diagnosis.h"
#include "check/linear_model.h"

/* One set of cases: those of a sample, in random order, with what is predicted for them. */
typedef struct predicted_cases {
    size_t *order;   /* rows of the data */
    case_rows rows;  /* inputs scaled as bp_scaling_automatic() does, then 1; targets as `target_unit` says */
    bp_real *linear; /* predictions of a linear model of other cases, a dense row each */
} predicted_cases;

/* Numbers have the mean 0 and the deviation 1, over the training cases; classes are 0 and 1. */
typedef struct target_unit {
    double offset, factor; /* target = (raw - offset) * factor */
} target_unit;

typedef struct baseline {
    const diagnosis *d;
    linear_output kind; /* of the targets */
    target_unit *units; /* one per target column */
    predicted_cases training, validation;
    bp_real *fitted;            /* predictions for the training cases of the linear model of all of them */
    neighbour_lists neighbours; /* among the training cases */
} baseline;

/* Are there enough cases, and few enough columns, to make one? */
bool bpi_baseline_is_possible(const diagnosis *d);

/* MEMORY. The caller clears it in any case. */
bp_status bpi_baseline_create(baseline *b, const diagnosis *d);
void bpi_baseline_clear(baseline *b);

/* The class that outputs or targets in the units of the baseline tell, for classes. */
size_t bpi_class_told(const baseline *b, const bp_real *values);

#endif
