/* The section of a model file that holds the user's texts. */
#ifndef BPI_FORMAT_METADATA_SECTION_H
#define BPI_FORMAT_METADATA_SECTION_H

#include "base/byte_sink.h"
#include "format/model_format.h"

void bpi_metadata_write(byte_sink *sink, const bp_network *net);

/* Reads the section, if there is one, into the network. */
bp_status bpi_metadata_read(const model_file *file, bp_network *net);

#endif
