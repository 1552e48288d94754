/* Backward pass, eq. 4 to 7, over one block of cases that went forward. Trusts that the loss fits the
 * network, and that the workspace has deltas (bpi_workspace_reserve). */
#ifndef BPI_ENGINE_BACKWARD_H
#define BPI_ENGINE_BACKWARD_H

#include "engine/types.h"

typedef struct backward_pass {
    const char *function; /* for messages */
    bp_workspace *workspace;
    const bp_loss *loss;
    size_t rows;
    bool accumulate;   /* to the gradient of earlier blocks */
    bp_real *gradient; /* or NULL: not wanted */
    bool to_inputs;    /* also find dE/dy of the inputs */
    double deviation;
    bp_status status; /* anything but BP_OK: a function of the caller's failed, and the pass ends */
} backward_pass;

/*
 * Adds E of the current block to that of the cases so far (error.h), raises pass->deviation to its greatest
 * |y - d| and finds the deltas of all layers, which stay in the workspace; and the gradient, if it is wanted.
 * NOT_FINITE, with the function's name and the layer, if a derivative of the caller's own is NaN or infinite
 * where it should not be.
 */
bp_status bpi_backward(backward_pass *pass);

#endif
