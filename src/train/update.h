/* One update of the weights, from the next batch of the epoch. */
#ifndef BPI_TRAIN_UPDATE_H
#define BPI_TRAIN_UPDATE_H

#include "train/types.h"

/* One update, or several online ones. BP_DIVERGED, NOT_FINITE or the hook's status: the batch, or case,
 * has updated nothing; cases before it have. Likewise if the hook ends the run, which sets run->reason. */
bp_status bpi_update(training_run *run);

/* Counts updates that were made: the weights, and so their metrics, are others. */
void bpi_count_updates(training_run *run, size_t updates);

/* Keeps the weights that an epoch begins with. */
void bpi_take_snapshot(training_run *run);

#endif
