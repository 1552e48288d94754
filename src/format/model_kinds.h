/* The kinds of connections from a model file. */
#ifndef BPI_FORMAT_MODEL_KINDS_H
#define BPI_FORMAT_MODEL_KINDS_H

#include "format/model_format.h"
#include "network/types.h"

/* Gives the connections of a network that are not dense the kinds that a file says they have. On failure some
 * have them. */
bp_status bpi_model_build_kinds(bp_network *net, const model_file *file);

#endif
