/* An epoch: its beginning, each of its changes, and its end, where the rules are asked. */
#ifndef BPI_TRAIN_EPOCH_H
#define BPI_TRAIN_EPOCH_H

#include "train/run.h"

/* How many cases a change is made from: the option, or all `cases`. */
size_t bpi_batch_cases(const bp_trainer *trainer, size_t cases);
/* Does each epoch go through its cases in an order of its own? */
bool bpi_epoch_is_shuffled(const bp_trainer *trainer, size_t cases);

/* Begins an epoch unless one of as many cases is going on. */
void bpi_epoch_begin(training_run *run);

/* One change from the next batch of the epoch, or several from single cases. BP_DIVERGED, NOT_FINITE or the
 * hook's status: the batch, or case, has changed nothing; cases before it have. */
bp_status bpi_epoch_change(training_run *run);

/* Are all its cases used? */
bool bpi_epoch_is_complete(const training_run *run);

/* The end of a complete epoch: validation, callback, rules. Sets run->reason if it is the last. */
bp_status bpi_epoch_end(training_run *run);

/* In the middle of an epoch: sets run->reason if a limit is reached. */
void bpi_epoch_check_limits(training_run *run);

#endif
