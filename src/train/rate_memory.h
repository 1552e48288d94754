/* What an adaptive schedule of the learning rate remembers: made and cleared. adaptive_rate.c fills it. */
#ifndef BPI_TRAIN_RATE_MEMORY_H
#define BPI_TRAIN_RATE_MEMORY_H

#include "train/types.h"

/* Allocates the weights that this schedule remembers, if it does. MEMORY. */
bp_status bpi_rate_memory_reserve(const char *function, bp_trainer *trainer, const bp_schedule *schedule);

/* As before the first epoch of the trainer's schedule. */
void bpi_rate_memory_begin(bp_trainer *trainer);

/* The weights have been changed, and not by training: errors before and after cannot be compared. */
void bpi_rate_memory_forget_weights(bp_trainer *trainer);

#endif
