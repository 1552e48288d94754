/* Networks that the tests of prediction, error and evaluation work with. */
#ifndef TESTS_EXAMPLE_NETWORKS_H
#define TESTS_EXAMPLE_NETWORKS_H

#include "support/arrays.h"

/* Its outputs are its inputs: linear, with weights 1 and 0 and no bias. allocator may be NULL. */
bp_network *identity_network(size_t width, const bp_allocator *allocator);

/*
 * Inputs "a" (2) and "b" (3); "hidden" (9, tanh) on both; "first" (2, logistic) on hidden and, skipping it,
 * on b; "second" (3, softmax) on hidden. The outputs are second, then first. Weights uniform in -1..1.
 */
enum { MIXED_INPUTS = 5, MIXED_HIDDEN = 9, MIXED_OUTPUTS = 5 };
bp_network *mixed_network(const bp_allocator *allocator);

bp_workspace *workspace_for(const bp_network *net, size_t max_cases);

#endif
