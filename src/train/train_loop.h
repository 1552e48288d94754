/* The steps of a run, from its first update to the reason that ends it. */
#ifndef BPI_TRAIN_TRAIN_LOOP_H
#define BPI_TRAIN_TRAIN_LOOP_H

#include "train/types.h"

/* Trains a prepared run until run->reason is set, or fails; writes checkpoints that are due. */
bp_status bpi_train_loop(training_run *run);

#endif
