/* Dropout and noise of the updates of a run: taken over from the network when it begins, and on while an
 * update is made (engine/unit_noise.h). */
#ifndef BPI_TRAIN_LAYER_NOISE_H
#define BPI_TRAIN_LAYER_NOISE_H

#include "train/types.h"

/* Takes over the settings, before memory for the run is reserved. UNSUPPORTED: the rule cannot do with them.
 */
bp_status bpi_noise_begin(bp_trainer *trainer);

/* Has any layer dropout or noise, so that the error of an epoch is not that of the network? */
bool bpi_run_has_noise(const training_run *run);

/* For the update that is made next; bpi_noise_off ends it. */
void bpi_noise_begin_update(const training_run *run);

#endif
