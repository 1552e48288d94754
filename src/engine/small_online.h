/* PATH_SMALL_ONLINE of plan.h: a small network trained case by case, or by batches of a few
 * (small/online_template.h). */
#ifndef BPI_ENGINE_SMALL_ONLINE_H
#define BPI_ENGINE_SMALL_ONLINE_H

#include "engine/types.h"

/* Trains with all cases of the run; the kernel then has the weights, which the second writes back. */
void bpi_small_online_train(bp_workspace *workspace, online_run *run);
void bpi_small_online_flush(const bp_workspace *workspace, online_run *run);

/* E and gradient of a batch, with the bits of the kernel that is meant, for callers that need the gradient.
 * The contents of the workspace are not defined afterwards. */
void bpi_small_online_gradient(bp_workspace *workspace, bool by_lanes, const batch *cases,
                               const bp_loss *loss, bp_real *gradient, batch_error *result);

#endif
