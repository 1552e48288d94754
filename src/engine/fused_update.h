/* From deltas to updated weights at once: each matrix's part of the gradient updates its weights where it is
 * made, instead of being stored and read again. */
#ifndef BPI_ENGINE_FUSED_UPDATE_H
#define BPI_ENGINE_FUSED_UPDATE_H

#include "engine/types.h"

/* Does plan.h send the update by a batch of so many cases this way, where nobody looks at the gradient? */
bool bpi_can_fuse_update(const bp_workspace *workspace, size_t cases, const bp_loss *loss);

/* After bpi_batch_gradient without gradient: updates all weights. update is of the whole vector; gradient has
 * room for weight_count values, and what it holds afterwards is not defined. */
void bpi_fused_update(const bp_workspace *workspace, size_t cases, const sgd_update *update,
                      bp_real *gradient);

/* After bpi_batch_gradient without gradient, for a batch of one case: the sum of squares of its gradient.
 * With dE/dw_ji = dE/dx_j y_i that is, for each matrix, the product of those of dE/dx and of y. */
double bpi_case_gradient_squares(const bp_workspace *workspace);

#endif
