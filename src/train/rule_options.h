/* Options that mean nothing to an optimizer's rule, or contradict it. */
#ifndef BPI_TRAIN_RULE_OPTIONS_H
#define BPI_TRAIN_RULE_OPTIONS_H

#include "train/types.h"

/* UNSUPPORTED for an option of a trainer that its rule has no use for; the optimizer is checked. */
bp_status bpi_rule_options_check(const bp_trainer_options *options);

/* UNSUPPORTED, for `function`, if the rule has no momentum, or no learning rate, that could change. */
bp_status bpi_require_momentum(const char *function, const optimizer_rule *rule);
bp_status bpi_require_rate(const char *function, const optimizer_rule *rule);

/* UNSUPPORTED if the rule needs whole sets, and the batches of the run have fewer cases. */
bp_status bpi_rule_check_batches(const training_run *run);

/* The finding about a rule that learns badly by the batches of the run. */
void bpi_note_rule_batches(const training_run *run);

#endif
