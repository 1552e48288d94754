/* Loading cases of a batch, with the network's scaling applied, into the workspace's current block. */
#ifndef BPI_ENGINE_LOAD_H
#define BPI_ENGINE_LOAD_H

#include "engine/types.h"

/* Number of cases of the next block: at most capacity >= 3 of the `left` cases, and never so many that one is
 * left. A single case may take another path, and results must not depend on the size of blocks. */
size_t bpi_block_rows(size_t left, size_t capacity);

/* Are scaled values or weights of classes needed, so that the caller's arrays do not do? */
bool bpi_needs_load(const bp_workspace *workspace);

/* Makes cases start .. start + rows - 1 of a batch the current block: the inputs; the targets and case
 * weights; or all of them. */
void bpi_load_inputs(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);
void bpi_load_targets(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);
void bpi_load_block(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);

/* A double buffer for online training. The first loads the inputs of a batch of one case beside those of the
 * current block, also of one case; the second makes them the current ones. */
void bpi_load_next_case(bp_workspace *workspace, const batch *one);
void bpi_use_next_case(bp_workspace *workspace);
void bpi_forget_next_case(bp_workspace *workspace);

#endif
