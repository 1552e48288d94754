/* An epoch: its start, and its end with validation, callback and stopping rules. */
#ifndef BPI_TRAIN_EPOCH_H
#define BPI_TRAIN_EPOCH_H

#include "train/types.h"

/* Begins an epoch, unless one with the same number of cases is in progress. Its next cases are then in
 * memory; a stream may fail. */
bp_status bpi_epoch_begin(training_run *run);

/* Are all its cases used, and does the hook ask for no more batches? */
bool bpi_epoch_is_complete(const training_run *run);

/* The end of a complete epoch: validation, callback, rules. Sets run->reason if one of them ends the run. */
bp_status bpi_epoch_end(training_run *run);

/* Applies the rules, or the limits within an epoch, to what the last step has found, once more: where a run
 * was interrupted it may have ended before they were applied. */
void bpi_epoch_judge(training_run *run);

/* After an update within an epoch: the rates of the next one; sets run->reason if a limit is reached. */
void bpi_epoch_continue(training_run *run);

#endif
