/*
 * The derivatives of outputs by weights and inputs, case by case: the Jacobian matrix, by one backward pass
 * for each output that starts from dy/dy = 1.
 *
 * Everything here is in scaled units, as E sees outputs: y of the output layers, compared with scaled
 * targets; inputs after their scaling. An output is what its activation makes: of a softmax layer y, with the
 * slopes of all its x (dy_j/dx_k = y_j (1[j = k] - y_k)), of a logistic one y, not x.
 *
 * Trusts that the current block was loaded (load.h) and went forward (forward.h), and that the workspace has
 * deltas (bpi_workspace_reserve). Changes the deltas of the workspace, not its outputs.
 */
#ifndef BPI_ENGINE_JACOBIAN_H
#define BPI_ENGINE_JACOBIAN_H

#include "engine/types.h"

/* Which derivatives, and where they go. */
typedef struct jacobian_block {
    bp_workspace *workspace;
    size_t rows;                  /* cases of the current block */
    size_t first_output, outputs; /* columns of the network's outputs: all are 0 and output_width */
    bp_real *by_weights;          /* [rows][outputs][weight_count] or NULL: dense, overwritten */
    bp_real *by_inputs;           /* [rows][outputs][input_width] or NULL: the same */
} jacobian_block;

/*
 * Fills a block. The row of case c and output o is row c * outputs + (o - first_output); its columns are in
 * the order of the weight vector, and those of the inputs in that of bp_data.inputs. A weight with several
 * uses (shared matrices and biases, kernels of a convolution, the steps of an unrolled network) has the sum
 * over its uses, as in the gradient; one on which an output does not depend has 0. Masked pairs have no
 * weight and so no column; a learned initial state is a weight like others. Skipping connections and outputs
 * that lead to other layers are differentiated along all ways. Values that are not finite are stored as they
 * are. The bits do not depend on the number of threads.
 */
void bpi_jacobian(const jacobian_block *block);

/*
 * What least squares needs beside it: residuals[c * output_width + o] = sqrt(case weight) * (y - d), and the
 * rows of by_weights (for all outputs, as bpi_jacobian filled them; NULL: only the residuals) multiplied by
 * sqrt(case weight), so that of this block
 *
 *     E = 1/2 sum residual^2, dE/dw = J^T residuals, and J^T J is the Gauss-Newton matrix of E
 *
 * tolerance: of the loss (bpi_loss_tolerance); where |y - d| is within it, residual and row are 0. Negative:
 * none.
 */
void bpi_residuals(const bp_workspace *workspace, size_t rows, bp_real tolerance, bp_real *by_weights,
                   double *residuals);

#endif
