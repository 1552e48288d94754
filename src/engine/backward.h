/* Backward pass, eq. 4 to 7, over one block of cases, after its forward pass. Trusts that the loss fits the
 * network and the workspace has deltas (bpi_workspace_reserve). */
#ifndef BPI_ENGINE_BACKWARD_H
#define BPI_ENGINE_BACKWARD_H

#include "engine/types.h"

typedef struct backward_pass {
    const char *function; /* for messages */
    bp_workspace *workspace;
    const bp_loss *loss;
    size_t rows;
    bool accumulate;   /* add to the gradient of earlier blocks */
    bp_real *gradient; /* of the whole weight vector; NULL: not wanted */
    bool to_inputs;    /* also compute dE/dy of the inputs */
    double deviation;  /* result: maximum of |y - d| so far */
    bp_status status;  /* not BP_OK: a custom function failed, which ends the pass */
} backward_pass;

/*
 * Adds E of the current block to that of earlier cases (error.h), updates pass->deviation, and computes the
 * deltas of all layers, which stay in the workspace, and the gradient, if it is wanted. NOT_FINITE, with the
 * function's name and the layer, if a derivative from a custom function is NaN or infinite where activations
 * and E are finite.
 */
bp_status bpi_backward(backward_pass *pass);

#endif
