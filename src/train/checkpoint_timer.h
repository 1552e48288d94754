/* Checkpoints that runs write by themselves: when they are due, and to where. */
#ifndef BPI_TRAIN_CHECKPOINT_TIMER_H
#define BPI_TRAIN_CHECKPOINT_TIMER_H

#include "train/types.h"

/* The run begins to count. */
void bpi_checkpoints_begin(training_run *run);

/* Updates before the next one is due; UINT64_MAX: they do not matter. */
uint64_t bpi_updates_until_checkpoint(const training_run *run);

/* Must the clock be read now and then? */
bool bpi_checkpoint_has_clock(const training_run *run);

/* Writes one between two steps, if it is due; and when a run is interrupted, unless its weights are not
 * finite. Failures are noted, and training goes on. */
void bpi_checkpoint_if_due(training_run *run);
void bpi_checkpoint_at_interruption(training_run *run);

#endif
