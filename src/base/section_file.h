/*
 * Files of sections, such as models and checkpoints: a header, then sections, each with its length and a
 * checksum. Described byte by byte in docs/model-format.md.
 */
#ifndef BPI_BASE_SECTION_FILE_H
#define BPI_BASE_SECTION_FILE_H

#include <stdbool.h>

#include "base/byte_sink.h"
#include "base/cursor.h"

enum {
    FILE_SIGNATURE_BYTES = 8,
    FILE_HEADER_BYTES = 20,      /* signature, version, bytes of a real number, checksum */
    FILE_CHECKSUM_BYTES = 4,     /* at the end of the header and of each section */
    SECTION_TAG_BYTES = 4,       /* letters; the first is a capital if a reader must know the section */
    SECTION_HEADER_BYTES = 4 + 8 /* tag, length of the payload */
};

typedef struct section_kind {
    char tag[SECTION_TAG_BYTES + 1];
    bool required;
} section_kind;

/* A kind of file. */
typedef struct section_format {
    const char *name;      /* for messages: "model" */
    const char *signature; /* FILE_SIGNATURE_BYTES bytes */
    uint32_t version;
    const section_kind *sections; /* in the order of a file; the last one is empty and ends it */
    size_t count;
} section_format;

/* The payload of a section: bytes start .. end - 1 of the source. */
typedef struct section_span {
    bool present;
    size_t start, end;
} section_span;

enum { MAX_SECTIONS = 24 };

/* A file that was checked (bpi_section_file_scan). */
typedef struct section_file {
    const section_format *format;
    const byte_source *source;
    size_t real_bytes; /* 4 or 8 */
    section_span sections[MAX_SECTIONS];
} section_file;

/* Writes the header. */
void bpi_section_file_begin(byte_sink *sink, const section_format *format);
/* Begins a section, and returns its offset, for the function that ends it. */
size_t bpi_section_begin(byte_sink *sink, const section_format *format, size_t section);
void bpi_section_end(byte_sink *sink, size_t start);

/* Checks signature, version, checksums, lengths and order of the sections, and finds their payloads. FORMAT,
 * VERSION. */
bp_status bpi_section_file_scan(section_file *file, const section_format *format, const byte_source *source);

/* A cursor at the beginning of a section, which must be present. */
section_cursor bpi_section_cursor(const section_file *file, size_t section);

#endif
