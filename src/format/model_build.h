/* A network from a model file. */
#ifndef BPI_FORMAT_MODEL_BUILD_H
#define BPI_FORMAT_MODEL_BUILD_H

#include "format/model_format.h"
#include "network/types.h"

/* Makes an empty network into that of a file which bpi_model_scan passed; *net may then be another one that
 * owns it. On failure it is left half-built. */
bp_status bpi_model_build(bp_network **net, const model_file *file);

#endif
