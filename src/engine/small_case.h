/* PATH_SMALL_CASE of plan.h: a small network and one case (small/case_template.h). */
#ifndef BPI_ENGINE_SMALL_CASE_H
#define BPI_ENGINE_SMALL_CASE_H

#include "engine/types.h"

/* Outputs of all layers for the current block and, if keep_x, total inputs of output layers. */
void bpi_small_case_forward(bp_workspace *workspace, bool keep_x);

/* From the deltas of the output layers: those of all other layers and, unless it is NULL, the gradient. */
void bpi_small_case_backward(bp_workspace *workspace, bp_real *gradient);

/* Outputs of a case from the caller's inputs, both in raw units. Returns whether all are finite. */
bool bpi_small_case_predict(bp_workspace *workspace, const bp_real *inputs, bp_real *outputs);

#endif
