/* The batches of an epoch, and the order in which its cases are visited. */
#ifndef BPI_TRAIN_BATCH_H
#define BPI_TRAIN_BATCH_H

#include "train/types.h"

/* How many cases an update is made from: the option, or all `cases`. */
size_t bpi_batch_cases(const bp_trainer *trainer, size_t cases);

/* Does each epoch go through its cases in an order of its own? */
bool bpi_epoch_is_shuffled(const bp_trainer *trainer, size_t cases);

/* Draws the order of an epoch; there is room for it. */
void bpi_draw_order(bp_trainer *trainer, size_t cases);

/* The next batch of the epoch that is going on; an empty one if all its cases are used. */
batch bpi_next_batch(const training_run *run);

#endif
