/* The error E of cases, block by block. Each output layer's E is summed case by case, so that the sum does
 * not depend on the size of blocks. What gradient.h trusts is trusted here too. */
#ifndef BPI_ENGINE_ERROR_H
#define BPI_ENGINE_ERROR_H

#include "engine/loss.h"
#include "engine/types.h"

/* Sets E to 0 before the first block. True if bpi_forward must keep the total inputs for this loss. */
bool bpi_error_begin(bp_workspace *workspace, const bp_loss *loss);

/* The arguments of an output layer's loss for the current block. */
loss_block bpi_error_block(const bp_workspace *workspace, const bp_loss *loss, const bp_layer *layer,
                           size_t rows);

/* Adds E of the current block, after its forward pass, and updates *deviation, the maximum of |y - d|. */
void bpi_error_add(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation);

/* Forward pass over the current block, then the same. */
void bpi_error_forward(bp_workspace *workspace, size_t rows, const bp_loss *loss, bool keep_x,
                       double *deviation);

/* Adds E of a batch, block by block. keep_x is what bpi_error_begin returned. */
void bpi_error_add_cases(bp_workspace *workspace, const batch *cases, const bp_loss *loss, bool keep_x,
                         double *deviation);

/* Sets E, computed elsewhere. */
void bpi_error_set(bp_workspace *workspace, double error);

/* E of all blocks so far. */
double bpi_error_sum(const bp_workspace *workspace);

/* E of a batch without a gradient. */
void bpi_batch_error(bp_workspace *workspace, const batch *cases, const bp_loss *loss, batch_error *result);

#endif
