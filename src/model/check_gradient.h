/* Checking derivatives: what the parts of bp_network_check_gradient share. */
#ifndef BPI_MODEL_CHECK_GRADIENT_H
#define BPI_MODEL_CHECK_GRADIENT_H

#include "model/workspace.h"

/* Derivatives from differences are asked for this much sharper than they are compared. */
#define BPI_CHECK_SHARPER 4

/*
 * Compares the derivative of every user-defined activation with differences of its function at the total
 * inputs of one case, which is the workspace's current block and went forward. Worse deviations than the
 * worst so far replace it in *result, whose names are those of `net`. A temporary of the workspace is
 * overwritten.
 */
void bpi_check_activations(const bp_network *net, bp_workspace *workspace, bp_gradient_check *result);

/* The greatest |value|; 0 if count is 0. */
double bpi_greatest_size(const bp_real *values, size_t count);

#endif
