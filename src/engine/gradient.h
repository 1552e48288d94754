/*
 * Error and gradient of a batch: forward pass, eq. 1 and 2 (forward.h), error, eq. 3 (error.h), and backward
 * pass, eq. 4 to 7 (backward.h). Trusts that data were checked (check_data.h), the loss fits the network, and
 * the workspace has room (bpi_workspace_reserve).
 */
#ifndef BPI_ENGINE_GRADIENT_H
#define BPI_ENGINE_GRADIENT_H

#include "engine/types.h"

/*
 * E of a batch, and its gradient summed over the batch: weight_count values, overwritten; or NULL, and the
 * deltas of the last block stay in the workspace, see fused_update.h. NOT_FINITE, with the function's name
 * and the layer, if a derivative of the caller's own is NaN or infinite where it should not be: *result is
 * untouched, gradient is not.
 */
bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result);

/*
 * What must hold before a gradient: a workspace of this network, a loss that fits it, data and targets it can
 * work with; and makes room in the workspace. *checked = data with explicit strides. The pointers are not
 * NULL.
 */
bp_status bpi_validate_gradient_call(const char *function, const bp_network *net, bp_workspace *workspace,
                                     const bp_data *data, const bp_loss *loss, bp_data *checked);

#endif
