/* The derivatives of user-defined activations against differences of their functions. */
#ifndef BPI_CHECK_CHECK_ACTIVATION_H
#define BPI_CHECK_CHECK_ACTIVATION_H

#include "engine/types.h"

/* Derivatives by differences are required to be this much more exact than they are compared. */
#define BPI_CHECK_SAFETY_FACTOR 4

/*
 * Compares the derivative of every user-defined activation with differences of its function at the total
 * inputs of one case, which is the workspace's current block and went forward. Worse deviations than the
 * worst so far replace it in *result, whose names are those of `net`. A temporary of the workspace is
 * overwritten.
 */
void bpi_check_activations(const bp_network *net, bp_workspace *workspace, bp_gradient_check *result);

#endif
