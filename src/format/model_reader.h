/* The sections of a model file. */
#ifndef BPI_FORMAT_MODEL_READER_H
#define BPI_FORMAT_MODEL_READER_H

#include "format/model_format.h"

extern const section_format bpi_model_format;

/* Checks signature, version, checksums, lengths and order of the sections, and finds their payloads. */
bp_status bpi_model_scan(model_file *file, const byte_source *source);

/* A cursor at the beginning of a section, which must be present. */
section_cursor bpi_model_cursor(const model_file *file, enum model_section section);

#endif
