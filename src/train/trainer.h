/* Trainer: made, set and reset. Its options are checked in trainer_options.c; a run is in run.c, what happens
 * within and at the end of an epoch in epoch.c, and the record of all epochs in history.c. */
#ifndef BPI_TRAIN_TRAINER_H
#define BPI_TRAIN_TRAINER_H

#include "train/types.h"

/* Learning rate and momentum of the epoch that comes or goes on, from options and schedules. */
void bpi_trainer_update_rates(bp_trainer *trainer);

/* The next change is then the first one as far as the optimizer's rule is concerned. */
void bpi_trainer_forget_update(bp_trainer *trainer);

/* Puts back the weights of the best epoch, which exists, and forgets the last change, which led elsewhere. */
void bpi_trainer_restore_best(bp_trainer *trainer);

#endif
