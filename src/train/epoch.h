/* An epoch: its beginning, and its end, where the rules are asked. */
#ifndef BPI_TRAIN_EPOCH_H
#define BPI_TRAIN_EPOCH_H

#include "train/types.h"

/* Begins an epoch unless one of as many cases is going on. */
void bpi_epoch_begin(training_run *run);

/* Are all its cases used, and does the hook want no more batches? */
bool bpi_epoch_is_complete(const training_run *run);

/* The end of a complete epoch: validation, callback, rules. Sets run->reason if it is the last. */
bp_status bpi_epoch_end(training_run *run);

/* In the middle of an epoch: sets run->reason if a limit is reached. */
void bpi_epoch_check_limits(training_run *run);

#endif
