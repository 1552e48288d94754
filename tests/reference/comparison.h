/* What the library and the oracle say of the same network and cases. */
#ifndef TESTS_COMPARISON_H
#define TESTS_COMPARISON_H

#include "reference/reference.h"
#include "support/arrays.h"

typedef struct comparison {
    const bp_network *net;
    size_t weights, input_values, output_values; /* how many of each */
    double error, wanted_error;
    bp_real *gradient, *input_gradient, *outputs;
    double *wanted_gradient, *wanted_input_gradient, *wanted_outputs;
} comparison;

/* Room for all values, none of which is known yet. */
comparison comparison_create(const bp_network *net, const bp_data *data);
void comparison_destroy(comparison *c);

/* The library's values, from a workspace made for max_cases cases; asserts that all calls agree on E. */
void comparison_run(comparison *c, const bp_data *data, bp_loss loss, size_t max_cases);

/* Where the oracle is to write its values. */
reference_result comparison_wanted(comparison *c);

/* The tolerances of comparison_assert: of E and outputs, and of derivatives. */
typedef struct comparison_tolerance {
    double error, gradient;
} comparison_tolerance;

/*
 * Asserts that E, outputs, input gradient and, matrix by matrix and layer's biases by layer's biases, the
 * gradient are as the oracle says, within a tolerance of the greatest value of each; learned initial states
 * are not looked at. A bias is one more weight of its unit, and is judged by the scale of all weights into
 * the layers that have it. name and seed
 * say which network it is, for the message.
 */
void comparison_assert(const comparison *c, comparison_tolerance tolerance, const char *name, uint64_t seed);

#endif
