/* The section of a model file with how each part of the weights is trained (network/trainable.h). */
#ifndef BPI_FORMAT_TRAINING_SECTION_H
#define BPI_FORMAT_TRAINING_SECTION_H

#include "base/byte_sink.h"
#include "format/model_format.h"
#include "network/types.h"

/* Parts that are not trained as all are by default; without any, a file has no such section. */
size_t bpi_training_entries(const bp_network *net);

/* The payload. */
void bpi_training_write(byte_sink *sink, const bp_network *net);

/* Sets what the section says, if there is one, in a finalized network. FORMAT, VERSION. */
bp_status bpi_training_read(const model_file *file, bp_network *net);

#endif
