/* Loss: the error E of outputs y for targets d, eq. 3, and its derivative, eq. 4. */
#ifndef BPI_ENGINE_LOSS_H
#define BPI_ENGINE_LOSS_H

#include "network/types.h"

enum { LOSS_SQUARED_ERROR = 1, LOSS_CROSS_ENTROPY = 2, LOSS_CUSTOM = 3 };

/* ARGUMENT, with the function's name, if it was not made by a constructor or something it was made with is
 * not valid; UNSUPPORTED, with the layer, if it does not go with an output of net, or with a tolerance. */
bp_status bpi_loss_check(const char *function, const bp_loss *loss, const bp_network *net);

/* Is its derivative given as dE/dx (the activation's slope has cancelled out) rather than dE/dy? */
bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation);

/* Does it need the total inputs x of an output layer with this activation? */
bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation);

/* What it is to the plan (plan.h). */
unsigned bpi_loss_facts(const bp_loss *loss);

/* Outputs that are as close to their targets as this have no error; negative: none are. */
bp_real bpi_loss_tolerance(const bp_loss *loss);

/* One output layer's part of a block: rows dense cases of `units` values; targets have a stride. */
typedef struct loss_block {
    const kernel_table *kernel;
    size_t rows, units;
    const bp_real *x; /* or NULL, see bpi_loss_needs_x */
    const bp_real *y;
    const bp_real *targets; /* scaled */
    size_t target_stride;
    const bp_real *case_weights; /* one per row, or NULL */
} loss_block;

/*
 * Adds the weighted error of each case in turn to *error, so that the sum does not depend on how cases are
 * cut into blocks, and raises *deviation to the greatest |y - d| (NaN from the first case on whose error is
 * NaN). derivative (rows * units, or NULL) gets dE/dy, eq. 4, or dE/dx, see bpi_loss_gives_delta.
 */
void bpi_loss_block(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                    bp_real *derivative, double *error, double *deviation);

/*
 * Are the scaled targets what the loss can work with? ARGUMENT with case and column: cross-entropy needs them
 * in 0..1. data were checked; `name` is the argument's name in the message.
 */
bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data);

#endif
