/*
 * Optimizers: how a gradient becomes an update of the weights. Each rule has its own file (momentum.c is the
 * paper's) and one line in the table of optimizer.c.
 */
#ifndef BPI_TRAIN_OPTIMIZER_H
#define BPI_TRAIN_OPTIMIZER_H

#include "train/types.h"

/* Makes the step by the rule, with the workspace's threads. */
void bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace,
                        const optimizer_step *step);

/* The rule of a kind, or NULL if there is none. */
const optimizer_rule *bpi_optimizer_rule(int32_t kind);

/* ARGUMENT if it was not created by a constructor, else what its rule's check returns. */
bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer);

#endif
