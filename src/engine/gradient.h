/*
 * Error and gradient of a batch: forward pass, eq. 1 and 2 (forward.h), error, eq. 3 (error.h), and backward
 * pass, eq. 4 to 7 (backward.h). Trusts that the data were checked (check_data.h), the loss fits the network
 * and the workspace has the capacity (bpi_workspace_reserve).
 */
#ifndef BPI_ENGINE_GRADIENT_H
#define BPI_ENGINE_GRADIENT_H

#include "engine/types.h"

/*
 * E of a batch and its gradient, summed over the batch: weight_count values, overwritten. gradient NULL: only
 * the deltas, which stay in the workspace for the last block (see fused_update.h). NOT_FINITE as
 * bpi_backward: *result is untouched, gradient is not.
 */
bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result);

/* Validates the arguments of a public call, none of which is NULL: workspace, loss, data and targets must fit
 * the network. Then reserves the workspace. *checked = data with explicit strides. */
bp_status bpi_validate_gradient_call(const char *function, const bp_network *net, bp_workspace *workspace,
                                     const bp_data *data, bp_loss *loss, bp_data *checked);

#endif
