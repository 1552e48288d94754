/* Small networks, several cases at once: the whole network in one kernel call (small/batch_template.h). For
 * calls that plan.h sends this way. */
#ifndef BPI_ENGINE_SMALL_BATCH_H
#define BPI_ENGINE_SMALL_BATCH_H

#include "engine/types.h"

/* The workspace's current block of `rows` cases: outputs of all layers; also E, added to that of the cases so
 * far (error.h), and the greatest |y - d|, raised. */
void bpi_small_batch_forward(bp_workspace *workspace, size_t rows);
void bpi_small_batch_error(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation);

/*
 * E, the greatest |y - d| and, where they are not NULL, the gradient and the input gradient of a batch.
 * retain_outputs: the outputs of all layers are left in the workspace, if the batch is one block.
 */
void bpi_small_batch_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss,
                              bool retain_outputs, bp_real *gradient, bp_real *input_gradient,
                              batch_error *result);

#endif
