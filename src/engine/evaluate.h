/* Error and classification results of checked data; see bp_network_evaluate. */
#ifndef BPI_ENGINE_EVALUATE_H
#define BPI_ENGINE_EVALUATE_H

#include "engine/types.h"

/* Index of the maximum, the first of equal ones (argmax). A single value: 1 if above the threshold, else 0.
 */
size_t bpi_class_of(const bp_real *row, size_t count, double threshold);

/* Fills *result, and confusion unless it is NULL. Trusts as gradient.h does. */
void bpi_evaluate(bp_workspace *workspace, const bp_data *checked, const bp_loss *loss, size_t *confusion,
                  bp_evaluation *result);

#endif
