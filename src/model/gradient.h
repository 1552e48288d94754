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
 * Backward pass over the current block, which went forward: adds its E to the sum (error.h), raises
 * *deviation to its greatest |y - d| and gives its gradient, weight_count values; or, if gradient is NULL,
 * the deltas alone, which stay in the workspace. NOT_FINITE as bpi_batch_gradient.
 */
bp_status bpi_backward(const char *function, bp_workspace *workspace, size_t rows, const bp_loss *loss,
                       bp_real *gradient, double *deviation);

/*
 * E of a batch, and its gradient summed over the batch: weight_count values, overwritten; or NULL, and the
 * deltas of the last block stay in the workspace, see bpi_batch_change. NOT_FINITE, with
 * the function's name and the layer, if a derivative of the caller's own is NaN or infinite where it should
 * not be: *result is untouched, gradient is not.
 */
bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result);

/*
 * The short way from deltas to changed weights: each matrix's part of the gradient changes its weights where
 * it is made, instead of being stored and read again. It can be taken for batches that one block holds and
 * that are not on the short path of small networks, in networks with a plain gradient.
 */
bool bpi_change_goes_with_gradient(const bp_network *net, size_t cases, const bp_loss *loss);
/* After bpi_batch_gradient without gradient: changes all weights. change is of the whole vector; gradient has
 * room for weight_count values, and what it holds afterwards is not defined. */
void bpi_batch_change(bp_workspace *workspace, size_t cases, const weight_change *change, bp_real *gradient);
/* After bpi_batch_gradient without gradient, for a batch of one case: the sum of squares of its gradient.
 * With dE/dw_ji = dE/dx_j y_i that is, for each matrix, the product of those of dE/dx and of y. */
double bpi_case_gradient_squares(const bp_workspace *workspace);

/*
 * What must hold before a gradient: a workspace of this network, a loss that fits it, data and targets it can
 * work with; and makes room in the workspace. *checked = data with explicit strides. The pointers are not
 * NULL.
 */
bp_status bpi_gradient_enter(const char *function, const bp_network *net, bp_workspace *workspace,
                             const bp_data *data, const bp_loss *loss, bp_data *checked);

#endif
