/*
 * Forward pass, eq. 1-2, error, eq. 3, and backward pass, eq. 4-7. Everything here trusts that data
 * were checked (model/data.h), the loss fits the network, and the workspace has room (bpi_workspace_reserve).
 */
#ifndef BPI_MODEL_GRADIENT_H
#define BPI_MODEL_GRADIENT_H

#include "model/error.h"

/* Forward pass over the workspace's current block of `rows` cases. keep_x: also keep the total inputs of
 * output layers. */
void bpi_forward(bp_workspace *workspace, size_t rows, bool keep_x);

/*
 * Backward pass over the current block, which went forward: adds its E to the sum (error.h) and gives its
 * gradient, weight_count values. NOT_FINITE as bpi_batch_gradient.
 */
bp_status bpi_backward(const char *function, bp_workspace *workspace, size_t rows, const bp_loss *loss,
                       bp_real *gradient);

/*
 * E of a batch, and its gradient summed over the batch: weight_count values, overwritten. NOT_FINITE, with
 * the function's name and the layer, if a derivative of the caller's own is NaN or infinite where it should
 * not be: *result is untouched, gradient is not.
 */
bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result);

/*
 * What must hold before a gradient: a workspace of this network, a loss that fits it, data and targets it can
 * work with; and makes room in the workspace. *checked = data with explicit strides. The pointers are not
 * NULL.
 */
bp_status bpi_gradient_enter(const char *function, const bp_network *net, bp_workspace *workspace,
                             const bp_data *data, const bp_loss *loss, bp_data *checked);

#endif
