/* How noisy are the targets? */
#ifndef BPI_TRAIN_TARGET_NOISE_H
#define BPI_TRAIN_TARGET_NOISE_H

#include "train/types.h"

/* The variance of the targets, in scaled units, as a mean over columns; and the share of it that is noise, 0
 * to 1. */
typedef struct target_spread {
    double variance, noise;
} target_spread;

/*
 * Estimates both from some hundred of the run's cases, of which there are at least 2. Noise is what the
 * inputs do not explain: half the mean squared difference of the targets of nearest neighbours, over the
 * variance (the Delta test of Pi and Peterson, "Finding the embedding dimension and variable dependencies in
 * time series", 1994). MEMORY: *spread is untouched.
 */
bp_status bpi_find_target_spread(const training_run *run, target_spread *spread);

#endif
