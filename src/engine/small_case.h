/* Small networks, one case (small/case_template.h). For calls that plan.h sends this way. */
#ifndef BPI_ENGINE_SMALL_CASE_H
#define BPI_ENGINE_SMALL_CASE_H

#include "engine/types.h"

/* The current block: outputs of all layers, with total inputs of output layers if keep_x. */
void bpi_small_case_forward(bp_workspace *workspace, bool keep_x);

/* When the outputs have their delta: that of all layers below and, unless it is NULL, the gradient. */
void bpi_small_case_backward(bp_workspace *workspace, bp_real *gradient);

/* The outputs of a case whose inputs are read where they are; neither inputs nor outputs are scaled. Returns
 * whether all outputs are finite. */
bool bpi_small_case_predict(bp_workspace *workspace, const bp_real *inputs, bp_real *outputs);

#endif
