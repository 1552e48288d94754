/* Building the structure of a network from a model file. */
#ifndef BPI_FORMAT_MODEL_STRUCTURE_H
#define BPI_FORMAT_MODEL_STRUCTURE_H

#include "format/model_format.h"
#include "network/types.h"

/* Adds layers, connections with their kinds, outputs, sharing and initial states to an empty network. On
 * failure it is left half-built. */
bp_status bpi_model_build_structure(bp_network *net, const model_file *file);

#endif
