/* Building a network from a model file. */
#ifndef BPI_FORMAT_MODEL_BUILD_H
#define BPI_FORMAT_MODEL_BUILD_H

#include "format/model_format.h"
#include "network/types.h"

/* Builds the network of a file that passed bpi_model_scan in the empty network *net. An unrolled one replaces
 * *net and owns the former. On failure *net is left half-built. */
bp_status bpi_model_build(bp_network **net, const model_file *file);

#endif
