/* Writing a network as a model file. */
#ifndef BPI_FORMAT_MODEL_WRITER_H
#define BPI_FORMAT_MODEL_WRITER_H

#include "network/types.h"

/* Writes the model file of a network, whose weights are set, to `bytes`, if that is not NULL. Returns its
 * size. */
size_t bpi_model_write(const bp_network *net, unsigned char *bytes);

#endif
