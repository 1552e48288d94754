/*
 * E of cases that are worked on block by block. Each output layer's E is summed from case to case, so that
 * the way cases are cut into blocks does not show in it. Everything here trusts as gradient.h does.
 */
#ifndef BPI_ENGINE_ERROR_H
#define BPI_ENGINE_ERROR_H

#include "engine/loss.h"
#include "engine/types.h"

/* Sets E to zero before the first block; true if bpi_forward must keep total inputs for this loss. */
bool bpi_error_begin(bp_workspace *workspace, const bp_loss *loss);

/* The current block of an output layer as its loss sees it. */
loss_block bpi_error_block(const bp_workspace *workspace, const bp_layer *layer, size_t rows);

/* Adds the E of the current block, which went forward, and raises *deviation to its greatest |y - d|. */
void bpi_error_add(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation);

/* The current block goes forward, and its E is added likewise. */
void bpi_error_forward(bp_workspace *workspace, size_t rows, const bp_loss *loss, bool keep_x,
                       double *deviation);

/* E as found by other means. */
void bpi_error_set(bp_workspace *workspace, double error);

/* E of all blocks so far. */
double bpi_error_sum(const bp_workspace *workspace);

/* E of a batch without a gradient. */
void bpi_batch_error(bp_workspace *workspace, const batch *cases, const bp_loss *loss, batch_error *result);

#endif
