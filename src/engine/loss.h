/* Loss: the error E of outputs y for targets d, eq. 3, and its derivative, eq. 4. */
#ifndef BPI_ENGINE_LOSS_H
#define BPI_ENGINE_LOSS_H

#include "network/types.h"

enum { LOSS_SQUARED_ERROR = 1, LOSS_CROSS_ENTROPY = 2, LOSS_CUSTOM = 3, LOSS_DEFAULT = 4 };

/* Replaces the default loss by the one that it stands for, and checks the loss. ARGUMENT, with the function's
 * name, if its kind, function or tolerance is not valid; UNSUPPORTED if it does not fit the activation of an
 * output layer, which is named, or cannot have a tolerance. */
bp_status bpi_loss_check(const char *function, bp_loss *loss, const bp_network *net);

/* UNSUPPORTED, with a message, if no loss makes a derivative other than 0: each output layer is softmax of
 * one unit. */
bp_status bpi_loss_check_teaches(const char *function, const bp_network *net);

/* Is it the default, which bpi_loss_check replaces? */
bool bpi_loss_is_default(const bp_loss *loss);

/* Is it a function of the caller's? */
bool bpi_loss_is_custom(const bp_loss *loss);

/* Is it squared error, which least squares minimize? The default must have been replaced. */
bool bpi_loss_is_squared_error(const bp_loss *loss);
bool bpi_loss_is_cross_entropy(const bp_loss *loss);

/* Does it compare outputs with numbers of the caller's, which have the units of the targets? */
bool bpi_loss_has_units(const bp_loss *loss);

/* Is its derivative dE/dx, in which the activation's slope has cancelled, instead of dE/dy? */
bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation);

/* Does it need the total inputs x of an output layer with this activation? */
bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation);

/* Its facts for the plan (plan.h). */
unsigned bpi_loss_facts(const bp_loss *loss);

/* The tolerance for kernels: |y - d| up to it is no error; negative: there is none. */
bp_real bpi_loss_tolerance(const bp_loss *loss);

/* A block of an output layer: rows of `units` values, dense except for the targets. */
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
 * Adds the weighted error of each case in turn to *error, so that the sum does not depend on the size of
 * blocks, and updates *deviation, the maximum of |y - d| (NaN from the first case on whose error is NaN).
 * derivative (rows * units values, or NULL) gets dE/dy, eq. 4, or dE/dx, see bpi_loss_gives_delta.
 */
void bpi_loss_block(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                    bp_real *derivative, double *error, double *deviation);

/*
 * change (rows * units values) = the change of the derivative that bpi_loss_block finds, when y changes by
 * y_change; not for custom losses. For squared error it is y_change, for cross-entropy too, of a softmax
 * layer times the sum of the targets; 0 where the tolerance makes the derivative 0; times the case weight.
 */
void bpi_loss_change(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                     const bp_real *y_change, bp_real *change);

/* ARGUMENT, with case and column, if the loss is cross-entropy and a scaled target is not in 0..1. Trusts
 * that data were checked; `name` is the argument's name in the message. */
bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data);
/* The same for a part of the cases, whose first one has the number first_case in messages. */
bp_status bpi_loss_check_targets_from(const char *function, const char *name, const bp_loss *loss,
                                      const bp_network *net, const bp_data *data, size_t first_case);

#endif
