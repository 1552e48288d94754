/* The options class_weights and balance_classes: weights of classes in the trainer's workspace, by which all
 * of its errors and gradients are weighed, those of validation cases too. */
#ifndef BPI_TRAIN_CLASS_WEIGHTING_H
#define BPI_TRAIN_CLASS_WEIGHTING_H

#include "train/types.h"

/* ARGUMENT, NOT_FINITE or UNSUPPORTED for weights that are out of range, or not those of the network's
 * classes. `where` as in option.h. */
bp_status bpi_class_weighting_check(const char *where, const bp_trainer_options *options,
                                    const bp_network *net);

/* Copies the weights, which then are the trainer's own, and attaches them to its workspace. MEMORY. */
bp_status bpi_class_weighting_create(bp_trainer *trainer);
void bpi_class_weighting_destroy(bp_trainer *trainer);

/* Balances the classes by the run's training cases, which are checked, if that is wanted; and brings what is
 * known of the targets of a stream up to date with the weights. MEMORY. */
bp_status bpi_class_weighting_begin(training_run *run);

#endif
