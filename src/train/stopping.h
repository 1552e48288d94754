/*
 * Stopping criteria: from the figures of an epoch, does a rule end training, and which one? Rules are values,
 * each kind a row of the table in stopping.c. What a rule must remember from epoch to epoch is kept here;
 * there is no clock, no network and no output.
 */
#ifndef BPI_TRAIN_STOPPING_H
#define BPI_TRAIN_STOPPING_H

#include "train/types.h"

/* ARGUMENT or NOT_FINITE if a rule was not made by a constructor or a number of it is out of range. */
bp_status bpi_stop_rule_check(const char *where, const bp_stop_rule *rule);

/* Copies count >= 1 checked rules. On failure (MEMORY; the message begins with `where`) *out needs no
 * clearing. */
bp_status bpi_stopping_create(stop_rules *out, const char *where, const bp_allocator *allocator,
                              const bp_stop_rule *rules, size_t count);
/* Releases everything; takes a zeroed or half-built object too. */
void bpi_stopping_clear(stop_rules *set);

/* Forgets what the rules have seen. */
void bpi_stopping_forget(stop_rules *set);

/* The index of the first rule that gives this reason; set->count if there is none. */
size_t bpi_stopping_find(const stop_rules *set, bp_stop_reason reason);
/* Is there a rule that can end training in the middle of an epoch? */
bool bpi_stopping_has_limits(const stop_rules *set);
/* How many changes a run that has made some can make before a limit of changes is reached. */
uint64_t bpi_stopping_updates_left(const stop_rules *set, uint64_t updates);

/* Shows the figures of a finished epoch to the rules that remember. Once per epoch, before asking. */
void bpi_stopping_observe(stop_rules *set, const stop_metrics *metrics);

/* The first rule from index `from` on that fires at the end of an epoch; set->count if none does. */
size_t bpi_stopping_next(const stop_rules *set, size_t from, const stop_metrics *metrics);
/* The first of the limits of changes and of time that is reached; looks at these two metrics only. */
size_t bpi_stopping_limit(const stop_rules *set, const stop_metrics *metrics);

/* Must rule `index` be asked again with metrics of the weights as they are now, and does it fire with them?
 */
bool bpi_stopping_needs_confirmation(const stop_rules *set, size_t index);
bool bpi_stopping_fires(const stop_rules *set, size_t index, const stop_metrics *metrics);

#endif
