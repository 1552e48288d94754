/* Stopping rules that wait for an improvement: early stopping, the same by a moving average, diminishing
 * returns. */
#ifndef BPI_TRAIN_STOP_IMPROVEMENT_H
#define BPI_TRAIN_STOP_IMPROVEMENT_H

#include "train/stop_kind.h"

extern const stop_kind bpi_stop_early, bpi_stop_early_averaged, bpi_stop_diminishing_returns;

#endif
