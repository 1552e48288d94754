/* A network of two inputs and one output for the tests of scaling. */
#ifndef TESTS_SCALING_EXAMPLE_H
#define TESTS_SCALING_EXAMPLE_H

#include "support/support.h"

/* Finalized; the activations are linear. allocator may be NULL. */
bp_network *scaling_network(const bp_allocator *allocator);

/* A fixture of it: *state is the network. */
int scaling_setup(void **state);
int scaling_teardown(void **state);

/* The scaling of its inputs. */
void get_inputs(const bp_network *net, bp_real offsets[2], bp_real factors[2]);

#endif
