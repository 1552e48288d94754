/* Divergence: which weights are handed back. */
#ifndef BPI_TRAIN_ROLL_BACK_H
#define BPI_TRAIN_ROLL_BACK_H

#include "train/types.h"

/*
 * After divergence: puts back the best weights seen, and forgets the last update and the epoch in progress.
 * Candidates are the weights that the run began with, those at the start of its last epoch whose error was
 * finite, and with a validation set those of the best epoch. Chosen is the least error of the validation set
 * or, without one, of the training cases; never weights whose E of the training cases is above that of the
 * start.
 */
void bpi_roll_back(training_run *run);

#endif
