/* What a trainer decides for the caller before its first run: scaling, stopping rules, notes. */
#ifndef BPI_TRAIN_AUTOMATIC_H
#define BPI_TRAIN_AUTOMATIC_H

#include "train/types.h"

/* The scaling that a network had before a run fitted it. */
typedef struct scaling_backup {
    bool is_fitted; /* there is something to take back */
    column_scaling inputs, targets;
    scaling_origin origin;
} scaling_backup;

/*
 * Fits the network's scaling to the training data of the first run, if the options and the network allow it.
 * The data are the caller's, and checked here as far as they need not be scaled. Either of the other two
 * functions must follow if it succeeds.
 */
bp_status bpi_fit_data(training_run *run, const bp_data *training, scaling_backup *backup);
void bpi_accept_scaling(bp_network *net, scaling_backup *backup);
void bpi_take_back_scaling(bp_network *net, scaling_backup *backup);

/* Stopping rules that suit the checked data, if the caller gave none. */
bp_status bpi_choose_rules(training_run *run);

/* The mean error from which on the chosen rule no longer follows it; 0: there is none, as for rules of the
 * caller's. From the second epoch on. */
double bpi_negligible_error(const bp_trainer *trainer);

/* The findings about batches, loss and scaling. The run's data are checked. */
void bpi_note_choices(const training_run *run);

/* The finding about the stopping rules, if they were chosen. It replaces an earlier one. */
void bpi_note_rules(bp_trainer *trainer);

#endif
