/*
 * Stopping criteria: given the metrics of an epoch, does a rule end training, and which one? Rules are
 * values; each kind is a row of the table in stopping.c, defined in the file of its family: stop_threshold.c
 * (thresholds and limits), stop_improvement.c (no more improvement), stop_generalization.c (the validation
 * error rises). A set of rules holds what they remember from epoch to epoch. It reads no clock and knows no
 * network.
 */
#ifndef BPI_TRAIN_STOPPING_H
#define BPI_TRAIN_STOPPING_H

#include "train/types.h"

/* ARGUMENT or NOT_FINITE if a rule was not created by a constructor or one of its numbers is out of range. */
bp_status bpi_stop_rule_check(const char *where, const bp_stop_rule *rule);

/* Errors that the memory of a rule holds; 0: none. */
uint64_t bpi_stopping_window(const bp_stop_rule *rule);

/* Copies count >= 1 checked rules. On failure (MEMORY; the message begins with `where`) *out needs no
 * clearing. */
bp_status bpi_stopping_create(stop_rules *out, const char *where, const bp_allocator *allocator,
                              const bp_stop_rule *rules, size_t count);
/* Releases everything, also of a zeroed or half-built set. */
void bpi_stopping_clear(stop_rules *set);

/* As before the first epoch. */
void bpi_stopping_reset(stop_rules *set);

/*
 * What rule `index` remembers as an array; all else is in set->memory[index]. A checkpoint walks the rules,
 * and stores these and the first `count` values, which are those that have a meaning; to restore them, the
 * members of the memory come first, since `count` follows from `seen`. All zero for a rule without an array.
 */
typedef struct stop_array {
    double *values;
    size_t count, capacity; /* capacity follows from the rule alone */
} stop_array;
stop_array bpi_stopping_array(const stop_rules *set, size_t index);

/* The index of the first rule with this reason; set->count if there is none. */
size_t bpi_stopping_find(const stop_rules *set, bp_stop_reason reason);
/* Is this the reason of a rule that judges by the validation error? Such a rule needs validation cases, and
 * after it the best weights are handed back. */
bool bpi_stopping_judges_validation(bp_stop_reason reason);
/* The index of the first of these; set->count if there is none. */
size_t bpi_stopping_find_validation(const stop_rules *set);
/* Is there a rule that can end training within an epoch? */
bool bpi_stopping_has_limits(const stop_rules *set);
/* Updates that are left before a limit of updates is reached, after `updates` of them in this run. */
uint64_t bpi_stopping_updates_left(const stop_rules *set, uint64_t updates);

/* Records the metrics of a finished epoch. Once per epoch, before bpi_stopping_next. */
void bpi_stopping_observe(stop_rules *set, const stop_metrics *metrics);

/* The first rule from index `from` on that fires at the end of an epoch; set->count if none does. */
size_t bpi_stopping_next(const stop_rules *set, size_t from, const stop_metrics *metrics);
/* The first limit of updates or of time that is reached; reads these two metrics only. */
size_t bpi_stopping_limit(const stop_rules *set, const stop_metrics *metrics);

/* Must rule `index` fire with the metrics of the current weights, too? Does it fire with these metrics? */
bool bpi_stopping_needs_confirmation(const stop_rules *set, size_t index);
bool bpi_stopping_fires(const stop_rules *set, size_t index, const stop_metrics *metrics);

#endif
