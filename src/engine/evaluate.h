/* Error and classification results of checked data; see bp_network_evaluate. */
#ifndef BPI_ENGINE_EVALUATE_H
#define BPI_ENGINE_EVALUATE_H

#include "engine/types.h"

/* Index of the maximum, the first of equal ones (argmax). A single value: 1 if above the threshold, else 0.
 */
size_t bpi_class_of(const bp_real *row, size_t count, double threshold);

/* An evaluation of cases that come part by part. In between, the workspace is not used for anything else. */
typedef struct running_evaluation {
    bp_workspace *workspace;
    const bp_loss *loss;
    size_t *confusion; /* NULL: not wanted */
    bool keep_x;
    bool has_negative_target;
    size_t counts[2][4]; /* of a single output: confusion matrices for two thresholds */
    bp_evaluation result;
} running_evaluation;

/* The parts have 2 cases or more each, unless there is only one part. Trusts as gradient.h does. */
void bpi_evaluation_begin(running_evaluation *running, bp_workspace *workspace, const bp_loss *loss,
                          size_t *confusion);
void bpi_evaluation_add(running_evaluation *running, const bp_data *checked);
void bpi_evaluation_end(running_evaluation *running, bp_evaluation *result);

/* Fills *result, and confusion unless it is NULL. Trusts as gradient.h does. */
void bpi_evaluate(bp_workspace *workspace, const bp_data *checked, const bp_loss *loss, size_t *confusion,
                  bp_evaluation *result);

#endif
