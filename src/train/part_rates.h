/* How the parts of the weight vector are trained in a run: which are frozen, and with which learning rate and
 * decay each of the others is updated (engine/weight_parts.h). */
#ifndef BPI_TRAIN_PART_RATES_H
#define BPI_TRAIN_PART_RATES_H

#include "train/types.h"

/* Takes over the network's settings, which hold for the run, after the decay was chosen. STATE: all weights
 * are frozen; ARGUMENT: a weight would decay by all of itself; UNSUPPORTED: factors on the learning rate that
 * the rule cannot heed. */
bp_status bpi_parts_begin(bp_trainer *trainer);

/* Before training begins: of frozen weights, nothing is left of earlier runs that could change them. */
void bpi_parts_hold(bp_trainer *trainer);

/* The learning rate and decay of each part in the update `step`, whose gradient has this factor where updates
 * are fused; 0: they are not. A fused update is prepared by its rule. */
void bpi_parts_set_rates(bp_trainer *trainer, const optimizer_step *step, bp_real gradient_factor);

#endif
