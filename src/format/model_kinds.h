/* Reading the kinds of connections from a model file. */
#ifndef BPI_FORMAT_MODEL_KINDS_H
#define BPI_FORMAT_MODEL_KINDS_H

#include "format/model_format.h"
#include "network/types.h"

/* Sets the kind and shape of each connection that is not dense in the file. On failure only some are set. */
bp_status bpi_model_build_kinds(bp_network *net, const model_file *file);

#endif
