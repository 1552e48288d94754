/* Options that a program gives when it loads a checkpoint, and that are not used. */
#ifndef BPI_TRAIN_GIVEN_OPTIONS_H
#define BPI_TRAIN_GIVEN_OPTIONS_H

#include "train/types.h"

/* Notes each option that is set, neither as the trainer has it from its checkpoint nor as it is by default.
 * The given ones are checked, but the default loss is still that; NULL: none. What was noted before is
 * forgotten. */
void bpi_note_given_options(bp_trainer *trainer, const bp_trainer_options *given);

#endif
