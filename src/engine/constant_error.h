/* The error that constant outputs reach: what a network must beat to have learned anything from its inputs.
 */
#ifndef BPI_ENGINE_CONSTANT_ERROR_H
#define BPI_ENGINE_CONSTANT_ERROR_H

#include "engine/types.h"

/* Sums over cases of a scaled target column, by case weight. Zeroed before the first case. */
typedef struct target_sums {
    double weight;
    double first;        /* the first target ... */
    double sum, squares; /* ... and of the distances from it, since they lose fewer digits */
} target_sums;

/* A target that is NaN, which is not there, is left out. */
void bpi_target_sums_add(target_sums *sums, double target, double weight);

/* Is the least E of constant outputs known for the loss, or those of all outputs? It is for squared error,
 * cross-entropy without label smoothing, and hinge loss. */
bool bpi_constant_error_is_known(const bp_network *net, const bp_loss *loss);

/* The least E of these cases, summed, of a unit of this output layer whose output is the same in all of them,
 * for a loss of which it is known. A tolerance is not considered. */
double bpi_target_sums_error(const target_sums *sums, const bp_layer *layer, const bp_loss *loss);

/* The least mean E of the same outputs for all cases, which are checked. NaN where it is not known. A
 * tolerance is not considered. */
double bpi_constant_error(const bp_network *net, const bp_data *data, const bp_loss *loss);
/* The same with weights of classes, or NULL. */
double bpi_weighed_constant_error(const bp_network *net, const bp_data *data, const class_weights *classes,
                                  const bp_loss *loss);

/* The same by the sums of the unscaled targets, one for each output, over `cases` cases. */
double bpi_constant_error_by(const bp_network *net, const target_sums *unscaled, size_t cases,
                             const bp_loss *loss);

#endif
