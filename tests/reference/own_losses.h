/* A random loss for each output layer of a random network: in the library and in the oracle. */
#ifndef TESTS_OWN_LOSSES_H
#define TESTS_OWN_LOSSES_H

#include "reference/reference.h"

typedef struct own_losses {
    bp_loss losses[REFERENCE_LAYERS];
    double weights[REFERENCE_LAYERS];
    size_t count;
} own_losses;

/* Draws them, such as suit the activation of each layer and its scaling, and changes those columns of the
 * targets (rows of the oracle's width) that would not suit them. */
void own_losses_draw(own_losses *own, uint64_t *state, reference *ref, bp_real *targets, size_t rows,
                     size_t stride);

/* The loss to be given to the library; refers to *own. */
bp_loss own_losses_value(const own_losses *own);

#endif
