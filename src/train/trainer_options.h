/* The options of a trainer: defaults and checks. */
#ifndef BPI_TRAIN_TRAINER_OPTIONS_H
#define BPI_TRAIN_TRAINER_OPTIONS_H

#include "train/types.h"

/* Checks the options for this network; *checked gets them or, for NULL, the defaults. */
bp_status bpi_trainer_options_check(const bp_trainer_options *options, const bp_network *net,
                                    bp_trainer_options *checked);

#endif
