/*
 * Runs that go on from a checkpoint. The first run of a loaded trainer continues the run that the checkpoint
 * was made in, unless that had come to its end: limits count from its start, and what its last step has found
 * is acted on first.
 */
#ifndef BPI_TRAIN_RESUME_H
#define BPI_TRAIN_RESUME_H

#include "train/types.h"

/* Where a run is now, for a checkpoint. */
run_place bpi_run_place(const training_run *run, bool goes_on);

/* SIZE, with both numbers, unless the first run of a loaded trainer has as many cases as the last one before
 * it; STATE unless they have the same values, if that one goes on. The run knows their hashes. */
bp_status bpi_resume_check(const training_run *run);

/* Continues the run of the checkpoint, if there is one to be continued; else false. The run's clock has
 * started, and it knows the trainer's epochs and updates. */
bool bpi_resume(training_run *run);

#endif
