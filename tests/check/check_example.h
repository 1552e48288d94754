/* A network to check the derivatives of, and ways in which they can be wrong. */
#ifndef TESTS_CHECK_EXAMPLE_H
#define TESTS_CHECK_EXAMPLE_H

#include "support/support.h"

/* Checks with the default tolerance; asserts that the check itself succeeds. The names in the result are the
 * network's. */
bp_gradient_check check_with(const bp_network *net, const bp_data *data, bp_loss loss);

void assert_passed(const bp_gradient_check *result);
/* Not passed, and the layer suspected. activation: its name if it is to be blamed, NULL if none is. */
void assert_caught(const bp_gradient_check *result, const char *layer, const char *activation);

/* A 3-5-4-2 network, whose layers are named input, lower, upper and output, with random cases. */
enum { EXAMPLE_CASES = 6, EXAMPLE_INPUTS = 3, EXAMPLE_OUTPUTS = 2 };

typedef struct check_example {
    bp_network *net;
    bp_real inputs[EXAMPLE_CASES * EXAMPLE_INPUTS], targets[EXAMPLE_CASES * EXAMPLE_OUTPUTS];
    bp_data data;
} check_example;

void make_example(check_example *f, bp_activation lower, bp_activation upper, bp_activation output);
/* Other cases, with inputs from -size to size. */
void fill_example(check_example *f, double size);

/* How a derivative is wrong. */
typedef enum mistake { NONE, TWO_PER_CENT, SIGN, RIGHT_HALF, ZERO, SQUARE_MISSING } mistake;
bp_real mistaken(mistake how, bp_real slope, bp_real x);

/* x / (1 + |x|), named "softsign", with a mistake in its derivative. */
void softsign(void *context, const bp_real *x, bp_real *y, size_t count);
void softsign_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count);
bp_activation softsign_with(mistake *how);

#endif
