/* Where small kernels read inputs and store outputs, and what they compare outputs with. */
#ifndef BPI_ENGINE_SMALL_VALUES_H
#define BPI_ENGINE_SMALL_VALUES_H

#include "engine/types.h"

/* Sets values, one per layer, to the caller's arrays or, if cases is NULL, to the workspace's current block.
 * retain_outputs: kernels store the outputs of all layers in the workspace. */
void bpi_small_point_at(const bp_workspace *workspace, const batch *cases, bool retain_outputs,
                        small_values values[]);

/* Sets those of `losses`, one per layer, that belong to output layers; they refer to `loss`. */
void bpi_small_find_losses(const bp_network *net, const bp_loss *loss, small_loss losses[]);

#endif
