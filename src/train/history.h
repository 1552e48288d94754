/* E of every epoch, kept if the option says so. */
#ifndef BPI_TRAIN_HISTORY_H
#define BPI_TRAIN_HISTORY_H

#include "train/types.h"

/* Room for E of the epoch that comes or goes on, and its entry when it is finished and counted; without
 * effect unless the option asks for a history. MEMORY. */
bp_status bpi_history_reserve(bp_trainer *trainer);
void bpi_history_add(bp_trainer *trainer, double error);

#endif
