/* PATH_SMALL_BATCH of plan.h: a small network, several cases in one kernel call (small/batch_template.h). */
#ifndef BPI_ENGINE_SMALL_BATCH_H
#define BPI_ENGINE_SMALL_BATCH_H

#include "engine/types.h"

/* For the workspace's current block of `rows` cases: outputs of all layers. The second also adds E to that of
 * earlier cases (error.h), and updates *deviation, the maximum of |y - d|. */
void bpi_small_batch_forward(bp_workspace *workspace, size_t rows);
void bpi_small_batch_error(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *deviation);

/* E, the maximum of |y - d| and, where they are not NULL, gradient and input gradient of a batch.
 * retain_outputs: stores the outputs of all layers in the workspace, if the batch is one block. */
void bpi_small_batch_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss,
                              bool retain_outputs, bp_real *gradient, bp_real *input_gradient,
                              batch_error *result);

#endif
