/* Stopping rules that compare a metric of the epoch with a number of the caller's: thresholds and limits. */
#ifndef BPI_TRAIN_STOP_THRESHOLD_H
#define BPI_TRAIN_STOP_THRESHOLD_H

#include "train/stop_kind.h"

extern const stop_kind bpi_stop_error_below, bpi_stop_mean_error_below, bpi_stop_within_tolerance,
    bpi_stop_gradient_below;
extern const stop_kind bpi_stop_epochs, bpi_stop_updates, bpi_stop_seconds;

#endif
