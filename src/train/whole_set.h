/* Rules that need all cases at once: which options they refuse, and which cases. */
#ifndef BPI_TRAIN_WHOLE_SET_H
#define BPI_TRAIN_WHOLE_SET_H

#include "train/types.h"

/*
 * UNSUPPORTED for an option that means nothing to the optimizer's rule, if that needs all cases at once, or
 * would be bypassed by it. The options are valid one by one; `where` is what messages begin with.
 */
bp_status bpi_whole_set_check_options(const char *where, const bp_trainer_options *options,
                                      const bp_network *net);

/* UNSUPPORTED if the rule needs all cases in one batch, and they are not: the batches are smaller, or a
 * stream does not fit into memory. run->cases and run->batch_cases are set. */
bp_status bpi_whole_set_check_cases(const training_run *run);

#endif
