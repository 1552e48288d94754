/* Is the learning rate too small? */
#ifndef BPI_TRAIN_SMALL_RATE_H
#define BPI_TRAIN_SMALL_RATE_H

#include "train/types.h"

/*
 * Reports it at the end of a run, if an update ten times as large as the last ones would lower E nearly ten
 * times as much, and E is still worth lowering. The weights are as before.
 */
void bpi_check_small_rate(training_run *run);

#endif
