/* Recovery: after overshoot or divergence training is rolled back and goes on with a smaller learning rate.
 */
#ifndef BPI_TRAIN_RECOVERY_H
#define BPI_TRAIN_RECOVERY_H

#include "train/types.h"

/* Puts back the best weights seen (roll_back.h) or those of the start, lowers the learning rate, and reports
 * it. A search for the rate may fail (MEMORY, or a custom function), or be ended by a limit of the run. */
bp_status bpi_recover(training_run *run);

#endif
