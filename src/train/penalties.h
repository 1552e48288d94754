/* What an update does beside the optimizer's rule and weight decay: clipping, L2, L1 and max-norm. Each
 * option is a row of a table, which says what rules have it, and whether the update in the kernels does it
 * (rule_update.h) or a pass of its own before or after. */
#ifndef BPI_TRAIN_PENALTIES_H
#define BPI_TRAIN_PENALTIES_H

#include "train/types.h"

/* NOT_FINITE, ARGUMENT for a value out of range; UNSUPPORTED for one that the rule has no use for. The
 * optimizer is checked. */
bp_status bpi_penalties_check(const char *where, const bp_trainer_options *options);

/* Does an option need the whole gradient before the update, or the weights after each update? */
bool bpi_penalties_change_gradient(const bp_trainer *trainer);
bool bpi_penalties_change_weights(const bp_trainer *trainer);

/* Before the rule's step: the trainer's gradient, as the update uses it, in which that of frozen weights is
 * 0. After it: the weights. The rates of `step` and of the trainer's parts are those of the update. */
void bpi_penalties_before(bp_trainer *trainer, const optimizer_step *step);
void bpi_penalties_after(bp_trainer *trainer, const optimizer_step *step);

#endif
