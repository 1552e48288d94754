/* Optimizer rules as their papers write them, weight by weight in plain double-precision loops. */
#ifndef TESTS_REFERENCE_RULES_H
#define TESTS_REFERENCE_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* A weight, and what a rule remembers of it: its last change, its step size, and its last derivative. */
typedef struct rule_weight {
    double w, change, step, derivative;
} rule_weight;

/* C. Igel and M. Huesken, "Empirical evaluation of the improved Rprop learning algorithms" (2003). `step` is
 * that of the first update before it. */
void reference_irprop_minus(rule_weight *weights, size_t count, const double *derivatives);
void reference_irprop_plus(rule_weight *weights, size_t count, const double *derivatives,
                           bool error_has_grown);

/* S. Fahlman, "An empirical study of learning speed in back-propagation networks" (1988). */
void reference_quickprop(rule_weight *weights, size_t count, const double *derivatives, double rate,
                         double max_growth);

#endif
