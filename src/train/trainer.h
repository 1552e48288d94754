/* A trainer's creation, settings and reset. Its options are checked in trainer_options.c, a run is in run.c.
 */
#ifndef BPI_TRAIN_TRAINER_H
#define BPI_TRAIN_TRAINER_H

#include "train/types.h"

/* bp_trainer_create with checked options and a finalized network; chooses_loss is not set. MEMORY, THREAD. */
bp_status bpi_trainer_new(bp_trainer **out, bp_network *net, const bp_trainer_options *checked);

/* Zeroes the optimizer's state, as before the first update: the weights are not those that training led to.
 */
void bpi_trainer_clear_state(bp_trainer *trainer);

/* Restores the weights of the best epoch, which exists, and clears the optimizer's state, which led
 * elsewhere. */
void bpi_trainer_restore_best(bp_trainer *trainer);

/* As before the first epoch, but with what the first run chose: options, rate and findings are those of
 * `prepared`, a copy of the trainer made then. The next run shuffles by this seed. */
void bpi_trainer_restart(bp_trainer *trainer, const bp_trainer *prepared, uint64_t seed);

/* Will the next run fit the network's scaling to its data? */
bool bpi_may_scale(const bp_trainer *trainer);

#endif
