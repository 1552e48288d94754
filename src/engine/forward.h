/* Forward pass, eq. 1 and 2. Trusts that the data were checked (check_data.h) and loaded (load.h). */
#ifndef BPI_ENGINE_FORWARD_H
#define BPI_ENGINE_FORWARD_H

#include "engine/plan.h"
#include "engine/types.h"

/* Forward pass over the workspace's current block of `rows` cases. keep_x: keep the total inputs of output
 * layers too. */
void bpi_forward(bp_workspace *workspace, size_t rows, bool keep_x);

/* The same, where nothing but the outputs is needed: no backward pass may follow. */
void bpi_forward_outputs(bp_workspace *workspace, size_t rows);

/* The path that bpi_forward takes. */
plan_path bpi_forward_path(const bp_workspace *workspace, size_t rows, bool keep_x);

#endif
