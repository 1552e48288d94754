/* Small networks of three layers with random cases, for the tests of their kernels. */
#ifndef TESTS_SMALL_EXAMPLE_H
#define TESTS_SMALL_EXAMPLE_H

#include "support/arrays.h"
#include "support/kernels.h"

enum { SMALL_EXAMPLE_CASES = 1000 };

typedef struct small_example {
    bp_network *net;
    bp_workspace *workspace; /* for all cases */
    bp_data data;
    size_t weights;
} small_example;

/* Inputs in -1..1, targets in 0..1; the hidden layer is logistic. Asserts that plan.h calls it small. */
small_example small_example_create(const size_t units[3], bp_activation output, const kernel_table *table);
void small_example_destroy(small_example *e);

/* What the workspace holds of the output layer after a call with `count` cases, if one block held them. */
void small_example_assert_outputs(const small_example *e, const bp_real *wanted, size_t count);

#endif
