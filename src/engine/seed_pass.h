/*
 * The backward pass from given derivatives by the outputs, without a loss: the transposed Jacobian of the
 * outputs times a vector for each case. All built-in and custom activations; the slope of eq. 5 is a step of
 * its own. Trusts that the current block went forward and the workspace has deltas (bpi_workspace_reserve).
 */
#ifndef BPI_ENGINE_SEED_PASS_H
#define BPI_ENGINE_SEED_PASS_H

#include "engine/types.h"

typedef struct seed_pass {
    bp_workspace *workspace;
    size_t rows;
    bool to_inputs;          /* go on to the input layers, whose deltas are then derivatives by y */
    bp_real *dy;             /* NULL, or room for bpi_dy_values: keeps dE/dy, see bpi_dy_of */
    const bp_real *dx_seeds; /* NULL, or derivatives by x: of each output layer dense rows of its units, which
                                begin at rows * output_column */
} seed_pass;

/* Forgets all deltas. */
void bpi_seed_begin(const seed_pass *pass);

/* Marks the delta of an output layer, which the caller has filled with derivatives by y, as a seed. */
void bpi_seed_layer(const seed_pass *pass, const bp_layer *layer);

/* Turns the seeds into the deltas of all layers that they depend on: derivatives by x, of input layers by y.
 */
void bpi_seed_run(const seed_pass *pass);

/* The derivatives by y of a layer whose slope is found from x (bpi_activation_needs_x), among those of all
 * such layers in dy: dense rows. bpi_seed_run keeps them there before it turns them into deltas. */
bp_real *bpi_dy_of(const bp_layer *layer, const bp_network *net, size_t rows, bp_real *dy);

/* How many values they are; false on overflow. */
bool bpi_dy_values(const bp_network *net, size_t rows, size_t *values);

/* Has the layer a delta, other than 0? */
bool bpi_seed_reached(const seed_pass *pass, const bp_layer *layer);

#endif
