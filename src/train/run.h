/* A run in two steps, for a caller that allocates on one thread and trains on another. */
#ifndef BPI_TRAIN_RUN_H
#define BPI_TRAIN_RUN_H

#include "train/types.h"

/* Begins a run of an idle trainer: checks the data, makes the choices of a first run, and allocates all that
 * training needs, but for the search of a learning rate (bpi_choose_rate) and the history. */
bp_status bpi_run_begin(training_run *run, bp_trainer *trainer, const bp_data *training,
                        const bp_data *validation);

/* Trains from the present weights and fills *result, whose size is set. A copy of a run that has begun can
 * be trained, too, also several after each other, with bpi_trainer_restart before each. */
bp_status bpi_run_train(training_run *run, bp_result *result);

#endif
