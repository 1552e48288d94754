/* The list of a trainer's findings: what it decided for the caller, and what it noticed. */
#ifndef BPI_TRAIN_FINDING_H
#define BPI_TRAIN_FINDING_H

#include "engine/finding.h"
#include "train/types.h"

/*
 * Adds a finding. One of the same kind, layer and column replaces the earlier one; but each recovery, and
 * each time that the rate is lowered before the end, is a finding of its own, told apart by its count. A list
 * that is full drops it: what was found first matters most.
 */
void bpi_add_finding(bp_trainer *trainer, const bp_finding *finding);

/* Removes those that an earlier run's end gave, and that another run may prove wrong: a plateau, an error
 * that still fell, a rate that was too small or spent, overfitting. */
void bpi_clear_verdicts(bp_trainer *trainer);

/* Removes those of a kind. */
void bpi_remove_findings(bp_trainer *trainer, bp_finding_kind kind);

/* Removes all findings. */
void bpi_clear_findings(bp_trainer *trainer);

#endif
