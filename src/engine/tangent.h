/*
 * The forward pass of changes: how all x and y of a block change when the weights change in the direction of
 * a vector, the operator R of Pearlmutter (1994), "Fast exact multiplication by the Hessian".
 */
#ifndef BPI_ENGINE_TANGENT_H
#define BPI_ENGINE_TANGENT_H

#include "engine/types.h"

/* The changes of a block. Of input layers, whose outputs do not change, there is nothing. */
typedef struct tangent {
    const bp_real *vector;  /* a value for each weight */
    layer_arrays *arrays;   /* per layer: the changes of x, y and, for others to fill, delta */
    layer_outputs *outputs; /* per layer: the change of y */
    bp_real *memory;        /* the block that the arrays are parts of */
} tangent;

/* Memory for blocks of `rows` cases from the workspace's allocator; MEMORY or OVERFLOW, and nothing is
 * allocated. */
bp_status bpi_tangent_create(tangent *out, const char *function, const bp_workspace *workspace, size_t rows);
void bpi_tangent_destroy(tangent *changes, const bp_workspace *workspace);

/*
 * With R for the change, v_ji for the vector's element of w_ji:
 *     R x_j = sum_i (w_ji R y_i + v_ji y_i), of eq. 1;   R y_j = f'(x_j) R x_j, of eq. 2
 * For the current block after its forward pass, of a network with built-in activations.
 */
void bpi_tangent_forward(const tangent *changes, const bp_workspace *workspace, size_t rows);

#endif
