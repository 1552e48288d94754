/* The search for the learning rate. */
#ifndef BPI_TRAIN_RATE_SEARCH_H
#define BPI_TRAIN_RATE_SEARCH_H

#include "train/types.h"

/* Must the next run search for the learning rate? */
bool bpi_needs_rate_search(const bp_trainer *trainer);

/*
 * bp_trainer_find_learning_rate for a run whose data are checked and whose memory is reserved. Everything is
 * put back, whatever is returned. The recommended rate is valid even with UNSUPPORTED: a small one. There is
 * none if the gradient hook ended the search by its reply, which sets run->reason.
 */
bp_status bpi_search_rate(training_run *run, bp_rate_search *found);

/* Searches for the rate of a run, and uses it. */
bp_status bpi_choose_rate(training_run *run);

#endif
