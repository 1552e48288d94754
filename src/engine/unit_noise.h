/*
 * Dropout and noise of a trainer's updates. While they are on, blocks of cases go through the general paths
 * (plan.h): inputs get both where they are loaded, hidden layers hand on their outputs times a factor, and
 * the backward pass multiplies dE/dy by the same factors.
 *
 * The random numbers of a case follow from the seed, the number of the update and the number of the case
 * alone (kernel.h, random_row): the 4 words of Philox4x32 for the counter case, update (the lower half of
 * each first) and the seed as key. Each layer has two streams, one for dropout, one for noise.
 */
#ifndef BPI_ENGINE_UNIT_NOISE_H
#define BPI_ENGINE_UNIT_NOISE_H

#include "engine/types.h"

/* The settings of a network's layers; false if there are none. */
bool bpi_layer_noise_read(layer_noise *layers, const bp_network *net);

/* From now on, or no more, until bpi_noise_off: `update` is the number of the next update, `first` that of
 * the first case of the data. Nothing happens where no layer has settings (workspace->noise.layers). */
void bpi_noise_on(bp_workspace *workspace, uint64_t seed, uint64_t update, uint64_t first);
void bpi_noise_off(bp_workspace *workspace);

/* Are units of the layer dropped in the current block; is an input layer changed at all? */
bool bpi_drops(const bp_workspace *workspace, const bp_layer *layer);
bool bpi_changes_inputs(const bp_workspace *workspace, const bp_layer *layer);

/* The random bits of a row of the block: case number `index` of the data, `later` updates after the present
 * one. */
void bpi_noise_set_row(bp_workspace *workspace, size_t row, size_t index, uint64_t later);
/* The bits of row 0 become those of row 1. */
void bpi_noise_use_next_row(bp_workspace *workspace);

/* Hidden layers hand on dropped outputs, if the block has them, else their outputs. */
void bpi_noise_point_outputs(bp_workspace *workspace);

/* Adds noise to rows of inputs, in place, and drops units; the bits are those of rows `first` and on. */
void bpi_change_inputs(const bp_workspace *workspace, const bp_layer *layer, size_t first, size_t rows,
                       bp_real *y);
/* Drops units of a hidden layer that has gone forward. */
void bpi_drop_outputs(const bp_workspace *workspace, const bp_layer *layer, size_t rows);
/* dE/dy of what was handed on becomes dE/dy of the outputs. */
void bpi_drop_deltas(const bp_workspace *workspace, const bp_layer *layer, size_t rows);

#endif
