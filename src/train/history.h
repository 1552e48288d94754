/* E of every epoch, kept if the option says so. */
#ifndef BPI_TRAIN_HISTORY_H
#define BPI_TRAIN_HISTORY_H

#include "train/types.h"

/* Room for E of the epoch that comes or goes on, and its entry when it is finished and counted; without
 * effect unless the option asks for a history. Pointers handed out before stay valid. MEMORY. */
bp_status bpi_history_reserve(bp_trainer *trainer);
void bpi_history_add(bp_trainer *trainer, double error);

/* Ends the life of pointers handed out before the last growth: a new run begins. */
void bpi_history_release_older(bp_trainer *trainer);
void bpi_history_destroy(bp_trainer *trainer);

#endif
