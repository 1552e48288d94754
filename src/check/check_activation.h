/* Checks the derivatives of custom activations against differences of their functions. */
#ifndef BPI_CHECK_CHECK_ACTIVATION_H
#define BPI_CHECK_CHECK_ACTIVATION_H

#include "engine/types.h"

/* Differences must be this much more exact than the tolerance they are compared with. */
#define BPI_CHECK_SAFETY_FACTOR 4

/*
 * Compares the derivative of every custom activation with differences of its function, at the total inputs of
 * one case: the workspace's current block, after its forward pass. A larger deviation than the maximum so far
 * replaces it in *result, with the names of `net`. Overwrites workspace->temporary.
 */
void bpi_check_activations(const bp_network *net, bp_workspace *workspace, bp_gradient_check *result);

#endif
