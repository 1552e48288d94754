/* The workspace's current block: cases of a batch, scaled where the network says so. */
#ifndef BPI_ENGINE_LOAD_H
#define BPI_ENGINE_LOAD_H

#include "engine/types.h"

/*
 * How many of `left` cases the next block takes, of `capacity` (>= 3) at most. A single case is never left
 * over: it may be computed in another way than many, and how cases are cut must not show in results.
 */
size_t bpi_block_rows(size_t left, size_t capacity);

/* The part of a batch that begins at case `start` and has `rows` cases becomes the current block: its inputs;
 * its targets and case weights; or all of them. */
void bpi_load_inputs(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);
void bpi_load_targets(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);
void bpi_load_block(bp_workspace *workspace, const batch *cases, size_t start, size_t rows);

/*
 * A double buffer for cases that come one after another: the inputs of a batch of one case are loaded beside
 * those of the current block, which has one too; and become the current ones.
 */
void bpi_load_next_case(bp_workspace *workspace, const batch *one);
void bpi_use_next_case(bp_workspace *workspace);
void bpi_forget_next_case(bp_workspace *workspace);

#endif
