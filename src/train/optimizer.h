/*
 * Optimizers: how a gradient becomes an update of the weights. Each rule has its own file (momentum.c is the
 * paper's) and one line in the table of optimizer.c.
 */
#ifndef BPI_TRAIN_OPTIMIZER_H
#define BPI_TRAIN_OPTIMIZER_H

#include "train/types.h"

/* Makes the step by the rule, with the workspace's threads; part by part, with the rates of each, where the
 * workspace has parts (weight_parts.h). */
bp_status bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace,
                             const optimizer_step *step);

/* The state of an optimizer for so many weights, zeroed; false: out of memory, and what was allocated is the
 * caller's to clear. */
bool bpi_optimizer_state_create(optimizer_state *state, const bp_allocator *allocator,
                                const bp_optimizer *optimizer, size_t weights);

/* As before the first update. */
void bpi_optimizer_state_zero(optimizer_state *state, size_t weights);

/* Contents of a state of the same rule and number of weights. */
void bpi_optimizer_state_copy(optimizer_state *to, const optimizer_state *from, size_t weights);

void bpi_optimizer_state_clear(optimizer_state *state, const bp_allocator *allocator);

/* The rule of a kind, or NULL if there is none. */
const optimizer_rule *bpi_optimizer_rule(int32_t kind);

/* The name of an optimizer's rule, which may be the caller's; of one that is checked, else NULL may be
 * returned. */
const char *bpi_optimizer_name(const bp_optimizer *optimizer);

/* ARGUMENT if it was not created by a constructor, else what its rule's check returns. */
bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer);

#endif
