/* Loss: the error E of outputs y for targets d, eq. 3, and its derivative, eq. 4. */
#ifndef BPI_ENGINE_LOSS_H
#define BPI_ENGINE_LOSS_H

#include "engine/loss_kind.h"
#include "small/small.h"

/* The losses that a loss, which was checked, consists of. */
typedef struct loss_list {
    const bp_loss *losses;
    size_t count;
} loss_list;
loss_list bpi_losses_of(const bp_loss *loss);

/* Is it the default, which bpi_loss_check replaces? */
bool bpi_loss_is_default(const bp_loss *loss);

/* The loss of an output layer: that of the caller's array, if each output has its own. */
static inline const bp_loss *bpi_loss_of(const bp_loss *loss, const bp_layer *layer)
{
    return loss->kind == LOSS_OF_OUTPUTS ? (const bp_loss *)loss->context + layer->output_index : loss;
}

/* The factor of E of an output layer; NULL: 1. */
static inline const double *bpi_loss_weight(const bp_loss *loss, const bp_layer *layer)
{
    return loss->kind == LOSS_OF_OUTPUTS && loss->of_outputs.weights != NULL
               ? loss->of_outputs.weights + layer->output_index
               : NULL;
}

/* Its name in messages: "cross-entropy". The default must have been replaced. */
const char *bpi_loss_name(const bp_loss *loss);

/* Has each output its own? */
bool bpi_loss_is_of_outputs(const bp_loss *loss);

/* Is it a function of the caller's, or that of an output? */
bool bpi_loss_is_custom(const bp_loss *loss);

/* Is it squared error, which least squares minimize? The default must have been replaced. */
bool bpi_loss_is_squared_error(const bp_loss *loss);
bool bpi_loss_is_cross_entropy(const bp_loss *loss);

/* Has it, or that of an output, a tolerance above 0? */
bool bpi_loss_has_tolerance(const bp_loss *loss);

/* Does it, or that of an output, compare outputs with numbers of the caller's, which have the units of the
 * targets? */
bool bpi_loss_has_units(const bp_loss *loss);

/* Are the outputs that fit best the means of the targets? Of each loss, if the outputs have their own. No,
 * with a tolerance. */
bool bpi_loss_fits_means(const bp_loss *loss, const bp_network *net);

/* The following are about the loss of one output layer (bpi_loss_of). */

/* Are the outputs that fit best, but for a tolerance, the means of the targets? */
bool bpi_loss_fits_mean(const bp_loss *loss, const bp_activation *activation);

bool bpi_loss_is_hinge(const bp_loss *loss);

/* The kind of a loss, the default being that which suits the activation. */
int32_t bpi_loss_kind_for(const bp_loss *loss, const bp_activation *activation);

/* Are its targets classes? */
bool bpi_loss_is_of_classes(const bp_loss *loss, const bp_activation *activation);

/* Is its derivative dE/dx, in which the activation's slope has cancelled, instead of dE/dy? */
bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation);

/* Does it need the total inputs x of an output layer with this activation? */
bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation);

/* May a scaled target be this? */
bool bpi_loss_takes_target(const bp_loss *loss, const bp_activation *activation, bp_real target);

/* Its facts for the plan (plan.h), of the whole loss. Where targets may be missing there are none: the
 * kernels of small networks do not skip them. */
unsigned bpi_loss_facts(const bp_loss *loss);
static inline unsigned bpi_target_facts(const bp_loss *loss, bool may_miss)
{
    return may_miss ? 0 : bpi_loss_facts(loss);
}

/* The tolerance for kernels: |y - d| up to it is no error; negative: there is none. */
bp_real bpi_loss_tolerance(const bp_loss *loss);

/* What kernels need to know of the loss of an output layer with that activation and that many units: kind,
 * tolerance, smoothing and share. */
output_loss bpi_loss_terms(const bp_loss *loss, const bp_activation *activation, size_t units);

/* The function for a loss that kernels do not know, a sum of terms of the outputs; NULL: they know it. */
loss_by_unit bpi_loss_by_unit(const bp_loss *loss);

/* A block of an output layer: rows of `units` values, dense except for the targets. */
typedef struct loss_block {
    const kernel_table *kernel;
    size_t rows, units;
    const bp_real *x; /* or NULL, see bpi_loss_needs_x */
    const bp_real *y;
    const bp_real *targets; /* scaled */
    size_t target_stride;
    const bp_real *case_weights; /* one per row, or NULL */
    const double *weight;        /* of the output layer; NULL: 1 */
    bool may_miss;               /* targets that are NaN are skipped */
} loss_block;

/*
 * Adds the weighted error of each case in turn to *error, so that the sum does not depend on the size of
 * blocks, and updates *deviation, the maximum of |y - d| (NaN from the first case on whose error is NaN).
 * derivative (rows * units values, or NULL) gets dE/dy, eq. 4, or dE/dx, see bpi_loss_gives_delta. `loss` is
 * that of the layer.
 */
void bpi_loss_block(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                    bp_real *derivative, double *error, double *deviation);

/*
 * change (rows * units values) = the change of the derivative that bpi_loss_block finds, when y changes by
 * y_change; not for custom losses. For squared error it is y_change, for cross-entropy too, of a softmax
 * layer times the sum of the targets, for others times the second derivative of E by y; 0 where the tolerance
 * makes the derivative 0; times the weights of case and output.
 */
void bpi_loss_change(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                     const bp_real *y_change, bp_real *change);

#endif
