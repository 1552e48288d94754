/* How noisy are the targets? */
#ifndef BPI_TRAIN_NOISE_H
#define BPI_TRAIN_NOISE_H

#include "train/types.h"

/*
 * *noise = the share of the targets' variance that the inputs do not explain, 0 to 1, estimated from pairs of
 * nearest neighbours: half the mean squared difference of their targets, over the variance (the Delta test of
 * Pi and Peterson, "Finding the embedding dimension and variable dependencies in time series", 1994). It is
 * found from some hundred of the run's cases, of which there are at least 2, in scaled units. MEMORY: *noise
 * is untouched.
 */
bp_status bpi_target_noise(const training_run *run, double *noise);

#endif
