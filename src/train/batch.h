/* The batches of an epoch, and the order in which its cases are visited. */
#ifndef BPI_TRAIN_BATCH_H
#define BPI_TRAIN_BATCH_H

#include "train/types.h"

/* The option batch_size, or 0 if the optimizer's rule makes that of BP_BATCH_AUTO. */
size_t bpi_wanted_batch(const bp_trainer *trainer);

/* Cases of a batch, of `cases` >= 1 in all: the option batch_size, or what it stands for. */
size_t bpi_batch_cases(const bp_trainer *trainer, size_t cases);

/* Are the cases shuffled in each epoch? */
bool bpi_epoch_is_shuffled(const bp_trainer *trainer, size_t cases);

/* Draws the order of an epoch. The trainer has memory for it. */
void bpi_draw_order(bp_trainer *trainer, size_t cases);

/* Cases of the epoch in progress that are in memory and not used yet. */
static inline size_t bpi_cases_left(const training_run *run)
{
    return run->first + run->training.cases - run->trainer->epoch.done;
}

/* The next batch of the epoch in progress; an empty one if all its cases are used. */
batch bpi_next_batch(const training_run *run);

#endif
