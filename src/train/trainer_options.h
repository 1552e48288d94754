/* The options of a trainer: defaults, and what is wrong with those of the caller. */
#ifndef BPI_TRAIN_TRAINER_OPTIONS_H
#define BPI_TRAIN_TRAINER_OPTIONS_H

#include "train/types.h"

/* Fills *checked with the caller's options or, for NULL, the defaults, after judging each for this network.
 */
bp_status bpi_trainer_options_check(const bp_trainer_options *options, const bp_network *net,
                                    bp_trainer_options *checked);

#endif
