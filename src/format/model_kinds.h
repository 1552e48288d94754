/* The kinds of connections in a model file. */
#ifndef BPI_FORMAT_MODEL_KINDS_H
#define BPI_FORMAT_MODEL_KINDS_H

#include "base/byte_sink.h"
#include "format/model_format.h"
#include "network/types.h"

/* Writes the shape of a connection that is not dense. */
void bpi_model_write_shape(byte_sink *sink, const bp_connection *connection);

/* Sets the kind and shape of each connection that is not dense in the file. On failure only some are set. */
bp_status bpi_model_build_kinds(bp_network *net, const model_file *file);

#endif
