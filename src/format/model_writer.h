/* The bytes of a model file from a network. */
#ifndef BPI_FORMAT_MODEL_WRITER_H
#define BPI_FORMAT_MODEL_WRITER_H

#include "network/types.h"

/* Writes the file of a network whose weights are set to bytes and returns its size; NULL: only the size. */
size_t bpi_model_write(const bp_network *net, unsigned char *bytes);

#endif
