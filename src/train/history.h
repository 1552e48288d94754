/* Errors and learning rate of every epoch, recorded if the option keep_history is set. */
#ifndef BPI_TRAIN_HISTORY_H
#define BPI_TRAIN_HISTORY_H

#include "train/types.h"

/* Allocates the entry of the epoch in progress; writes it when the epoch is finished and counted. Neither
 * does anything without the option. Pointers handed out before stay valid. MEMORY. */
bp_status bpi_history_reserve(bp_trainer *trainer);
void bpi_history_add(bp_trainer *trainer, const stop_metrics *metrics);

/* A column with an entry for each epoch, as long as bp_trainer_history() is valid. NULL, with a count of 0,
 * without the option and before the first epoch has finished. */
const double *bpi_history_column(const bp_trainer *trainer, history_column column, size_t *count);

/* Allocates entries of so many epochs, for a trainer that has none. MEMORY. */
bp_status bpi_history_allocate(bp_trainer *trainer, size_t epochs);

/* Releases what pointers handed out before the last growth point to: a new run begins. */
void bpi_history_release_older(bp_trainer *trainer);
void bpi_history_destroy(bp_trainer *trainer);

#endif
