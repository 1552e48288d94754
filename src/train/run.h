/* A run in steps: for a caller that allocates on one thread and trains on another, and for one that reads the
 * cases from a stream. */
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

/* The steps of bp_trainer_run. The first: STATE, with the function's name, unless the trainer is idle; after
 * it the last must follow. */
bp_status bpi_run_open(training_run *run, const char *function, bp_trainer *trainer);
/* STATE, ARGUMENT or VERSION for what can be known without the data. */
bp_status bpi_run_check_call(const bp_trainer *trainer, const bp_result *result);
/* Admits the data and makes the choices of a first run. With run->window set, training is a view of its
 * sample. */
bp_status bpi_run_prepare(training_run *run, const bp_data *training, const bp_data *validation,
                          const bp_result *result);
/* Trains if the status of what went before is BP_OK, and ends the run. Returns its status. */
bp_status bpi_run_complete(training_run *run, bp_status status, bp_result *result);

/* Puts the function's name into a message that begins with bp_trainer_run. Returns the status. */
bp_status bpi_run_name_function(const char *function, bp_status status);

#endif
