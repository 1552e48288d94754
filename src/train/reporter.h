/* Reporters print the progress of a run. A trainer links those that were called in its run, so that they hear
 * of its end. */
#ifndef BPI_TRAIN_REPORTER_H
#define BPI_TRAIN_REPORTER_H

#include "train/types.h"

/* The run of a trainer has ended, however it did: its reporters print what is pending, and leave it. */
void bpi_reporters_end_run(bp_trainer *trainer);

#endif
