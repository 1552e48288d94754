/* Where the kernels of small networks find the inputs of cases, and leave outputs. */
#ifndef BPI_ENGINE_SMALL_VALUES_H
#define BPI_ENGINE_SMALL_VALUES_H

#include "engine/types.h"

/* values, one per layer, points at the caller's arrays or, if cases is NULL, at the workspace's current
 * block. retain_outputs: the outputs of all layers are stored in the workspace. */
void bpi_small_point_at(const bp_workspace *workspace, const batch *cases, bool retain_outputs,
                        small_values values[]);

#endif
