/* Stopping rules fed with given errors, and the criteria that judge by the validation error in plain loops.
 */
#ifndef TESTS_TRAIN_STOPPING_EXAMPLE_H
#define TESTS_TRAIN_STOPPING_EXAMPLE_H

#include <stdbool.h>

#include "support/support.h"
#include "train/stopping.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bp_allocator plain_allocator(void);
stop_rules make_set(const bp_stop_rule *rules, size_t count);

/* The epoch (from 1) after which a rule fires first, given the metrics of each; 0: never. */
size_t fires_after(bp_stop_rule rule, const stop_metrics *epochs, size_t count);
/* The same given the validation errors or the mean training errors of up to 64 epochs; or both. */
size_t fires_after_validation(bp_stop_rule rule, const double *errors, size_t count);
size_t fires_after_errors(bp_stop_rule rule, const double *errors, size_t count);
size_t fires_after_both(bp_stop_rule rule, const double *training, const double *validation, size_t count);

/*
 * The oracle: the first epoch (from 1) that meets the criterion of the rule as the paper writes it, given the
 * errors of all epochs; 0: none. Early stopping, with and without a moving average, GL, PQ and UP. Each epoch
 * is judged from the whole course of errors, nothing is remembered.
 */
size_t oracle_end(const bp_stop_rule *rule, const double *training, const double *validation, size_t count);

#endif
