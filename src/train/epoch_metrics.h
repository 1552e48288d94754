/* Metrics of an epoch beside its errors, for the callback and the history files: how far and in which
 * direction the weights went, and how many units are saturated. */
#ifndef BPI_TRAIN_EPOCH_METRICS_H
#define BPI_TRAIN_EPOCH_METRICS_H

#include "train/types.h"

/* Does anybody want metrics of each epoch? */
bool bpi_wants_epoch_metrics(const bp_trainer *trainer);

/* Allocates what they need, if they are wanted. MEMORY. */
bp_status bpi_observation_create(bp_trainer *trainer);
void bpi_observation_destroy(bp_trainer *trainer);

/* As before the first epoch. */
void bpi_observation_reset(bp_trainer *trainer);

/* Observes the epoch just finished. The weights are flushed, and no caller's function has been called since
 * its last update. */
void bpi_observe_epoch(training_run *run);

#endif
