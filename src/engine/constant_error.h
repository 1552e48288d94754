/* The error that constant outputs reach: what a network must beat to have learned anything from its inputs.
 */
#ifndef BPI_ENGINE_CONSTANT_ERROR_H
#define BPI_ENGINE_CONSTANT_ERROR_H

#include "engine/types.h"

/* The least mean E of the same outputs for all cases, which are checked. NaN for a custom loss. A tolerance
 * is not considered. */
double bpi_constant_error(const bp_network *net, const bp_data *data, const bp_loss *loss);

#endif
