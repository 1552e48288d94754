/* The sections of a model file that hold the schema of the network. */
#ifndef BPI_FORMAT_SCHEMA_SECTION_H
#define BPI_FORMAT_SCHEMA_SECTION_H

#include "base/byte_sink.h"
#include "data/schema.h"
#include "format/model_format.h"

void bpi_schema_write(byte_sink *sink, const bp_schema *schema);

/* The section of its markers for missing cells, of which it has some of its own. */
void bpi_markers_write(byte_sink *sink, const bp_schema *schema);

/* Reads both sections and gives the schema to the network, whose structure is complete. */
bp_status bpi_schema_read(const model_file *file, bp_network *net);

#endif
