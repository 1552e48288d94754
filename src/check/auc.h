/* The area under the ROC curve. */
#ifndef BPI_CHECK_AUC_H
#define BPI_CHECK_AUC_H

#include "backprop.h"
#include "base/arithmetic.h"

/* The score of a case. */
typedef struct scored_case {
    double score;
    double weight; /* > 0 */
} scored_case;

/* Sorts cases by score and replaces the weight of each by that of itself and all after it. */
void bpi_auc_sort(scored_case *cases, size_t count);

/*
 * What a case of the rest has to do with sorted cases of the class: the weight of those with a higher score,
 * and half that of those with the same. By Mann and Whitney (1947) the area is the sum of this over the rest,
 * with their weights, divided by the weight of both: J. Hanley & B. McNeil, "The meaning and use of the area
 * under a receiver operating characteristic (ROC) curve", Radiology 143 (1982), 29-36.
 */
double bpi_auc_above(const scored_case *sorted, size_t count, double score);

#endif
