/* The findings of a trainer: what it decided for the caller, and what it noticed. */
#ifndef BPI_TRAIN_FINDING_H
#define BPI_TRAIN_FINDING_H

#include "train/types.h"

/* Sentences are built in memory of this size. */
enum { FINDING_TEXT_CAPACITY = 512 };

/* A finding of this kind without place and evidence. */
bp_finding bpi_finding(bp_finding_kind kind, bp_severity severity);

/*
 * Adds a finding. One of the same kind, layer and column replaces the earlier one, whose epoch it keeps. A
 * list that is full drops it: what was found first matters most.
 */
void bpi_add_finding(bp_trainer *trainer, const bp_finding *finding);

/* Removes all findings. */
void bpi_clear_findings(bp_trainer *trainer);

#endif
