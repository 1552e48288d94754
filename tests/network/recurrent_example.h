/* A small recurrent network, and unrolling, for the tests of what comes of it. */
#ifndef TESTS_RECURRENT_EXAMPLE_H
#define TESTS_RECURRENT_EXAMPLE_H

#include "support/support.h"

/* in(2) -> h(3) -> out(2); h to itself and out to h, delayed; the state of h is learned, that of out fixed.
 */
enum { WEIGHTS = 3 * 2 + 3 * 3 + 3 * 2 + 3 + 3 + 2 * 3 + 2 };

typedef struct recurrent_example {
    bp_network *net;
    bp_layer *in, *h, *out;
} recurrent_example;

extern const bp_real h_state[3], out_state[2];

/* Finalized; allocator may be NULL. What was made of it after a failure is for the caller to destroy. */
bp_status recurrent_example_create(recurrent_example *f, const bp_allocator *allocator);

/* A fixture of it: *state points to one. */
int recurrent_setup(void **state);
int recurrent_teardown(void **state);

bp_unroll_options unroll_options(size_t steps, const unsigned char *inputs, const unsigned char *outputs);
/* Asserts success. */
bp_network *unroll(const bp_network *net, size_t steps, const unsigned char *inputs,
                   const unsigned char *outputs);

#endif
