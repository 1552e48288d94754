/* Learning rate and momentum of a trainer: from options, schedules and the search, update by update. */
#ifndef BPI_TRAIN_RATES_H
#define BPI_TRAIN_RATES_H

#include "train/types.h"

/* Sets learning rate and momentum of the next update. */
void bpi_update_rates(bp_trainer *trainer);

/* The same after updates, when only schedules can have changed them. */
static inline void bpi_advance_rates(bp_trainer *trainer)
{
    if (trainer->is_scheduled)
        bpi_update_rates(trainer);
}

/* Can they differ from update to update within an epoch? */
static inline bool bpi_rates_change_by_update(const bp_trainer *trainer)
{
    return (trainer->options.learning_rate_schedule.by_update |
            trainer->options.momentum_schedule.by_update) != 0;
}

/* Updates from the next one on that have the same rates; at least 1, and no more than limit >= 1. */
uint64_t bpi_updates_at_same_rates(const bp_trainer *trainer, uint64_t limit);

/* Has the schedule of the learning rate fallen to next to nothing: for the next update; when the run began,
 * which an adaptive schedule does not tell? */
bool bpi_rate_is_spent(const bp_trainer *trainer);
bool bpi_rate_was_spent(const bp_trainer *trainer);
/* The rate by the schedule when the run began. */
double bpi_rate_at_start(const bp_trainer *trainer);

/* Is the learning rate the one that the search found, or a schedule that begins with it? */
bool bpi_uses_found_rate(const bp_trainer *trainer);

/* Does the learning rate wait for a search? */
bool bpi_waits_for_rate(const bp_trainer *trainer);

#endif
