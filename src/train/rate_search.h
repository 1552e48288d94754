/* The search for the learning rate. */
#ifndef BPI_TRAIN_RATE_SEARCH_H
#define BPI_TRAIN_RATE_SEARCH_H

#include "train/types.h"

/*
 * bp_trainer_find_learning_rate for a run whose data are checked and whose memory is reserved. Everything is
 * put back, whatever is returned. There is no recommended rate if the search was ended early, which sets
 * run->reason. *lowers_error: did some rate lower E? Without such a rate a small one is recommended.
 */
bp_status bpi_search_rate(training_run *run, bp_rate_search *found, bool *lowers_error);

/* Searches for the rate of a run, and uses it. If the run's clock has started, a request to stop or a rule of
 * time may end the run, with its reason and rule, before a rate is found. */
bp_status bpi_choose_rate(training_run *run);

#endif
