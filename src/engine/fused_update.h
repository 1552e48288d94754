/* Updates fused into the gradient: each tile of dE/dw updates its weights while it is in the cache, instead
 * of being stored and read again. */
#ifndef BPI_ENGINE_FUSED_UPDATE_H
#define BPI_ENGINE_FUSED_UPDATE_H

#include "engine/types.h"

/* Does the plan choose this path for a batch of `cases` cases, if the gradient is not needed? */
bool bpi_can_fuse_update(const bp_workspace *workspace, size_t cases, const bp_loss *loss);

/* Does it choose the one with weights from inputs in panels (input_panels.h), if the weights are not needed
 * either during so many updates? */
bool bpi_can_update_in_panels(const bp_workspace *workspace, size_t cases, const bp_loss *loss,
                              uint64_t updates);

/* Updates all weights, after bpi_batch_gradient with gradient NULL. `update` refers to the whole vector;
 * gradient is scratch memory of weight_count values. */
void bpi_fused_update(const bp_workspace *workspace, size_t cases, const weight_update *update,
                      bp_real *gradient);

/* Squared norm of the gradient of one case, after bpi_batch_gradient with gradient NULL. Since dE/dw_ji =
 * dE/dx_j y_i, the squared norm of a matrix is that of dE/dx times that of y. */
double bpi_case_gradient_squares(const bp_workspace *workspace);

#endif
