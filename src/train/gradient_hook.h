/* The caller's gradient hook: called before each update, and at the end of the run. */
#ifndef BPI_TRAIN_GRADIENT_HOOK_H
#define BPI_TRAIN_GRADIENT_HOOK_H

#include "train/types.h"

/*
 * Calls the hook, if there is one, with the trainer's gradient of a batch that may be empty. Sets run->reason
 * if the hook ends the run; the update is then not to be made. BP_DIVERGED if the gradient was not finite
 * before, NOT_FINITE if it is not after, STATE if the hook reset the trainer, or the hook's own status.
 */
bp_status bpi_call_hook(training_run *run, const batch *cases, double error);

/* Calls the hook, if there is one, for the last time, unless the hook itself ended the run. The run's reason
 * is set, and status is what bp_trainer_run is about to return. */
void bpi_announce_end(training_run *run, bp_status status);

#endif
