/* Adaptive schedules of the learning rate: what they make of the error of an epoch. */
#ifndef BPI_TRAIN_ADAPTIVE_RATE_H
#define BPI_TRAIN_ADAPTIVE_RATE_H

#include "train/types.h"

/* The bold driver judges an epoch whose cases are all used; it may take weights back. */
void bpi_judge_epoch(training_run *run);

/* The plateau schedule sees the metrics of a finished epoch. */
void bpi_watch_plateau(training_run *run, const stop_metrics *metrics);

/* The bold driver goes on more slowly after divergence. */
void bpi_slow_down(bp_trainer *trainer);

#endif
