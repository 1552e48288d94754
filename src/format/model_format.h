/*
 * The model file, as docs/model-format.md describes it byte by byte: what its writer (model_writer.c), its
 * container reader (model_reader.c) and the rebuilding of the network (model_cursor.c, model_structure.c,
 * model_kinds.c, model_build.c) share.
 */
#ifndef BPI_FORMAT_MODEL_FORMAT_H
#define BPI_FORMAT_MODEL_FORMAT_H

#include <stdbool.h>

#include "base/status.h"
#include "model/network.h"

/*
 * In the spirit of PNG: the first byte is no text, and whatever cuts the eighth bit or translates line ends
 * damages the signature, so that it shows at once.
 */
#define BPI_MODEL_SIGNATURE                                                                                  \
    "\x8b"                                                                                                   \
    "BPN\r\n\x1a\n"

enum {
    MODEL_SIGNATURE_BYTES = 8,
    MODEL_VERSION = 1,
    MODEL_HEADER_BYTES = 20,     /* signature, version, bytes of a real number, checksum */
    MODEL_CHECKSUM_BYTES = 4,    /* at the end of the header and of each section */
    SECTION_TAG_BYTES = 4,       /* letters; the first is a capital if a reader must know the section */
    SECTION_HEADER_BYTES = 4 + 8 /* tag, length of the payload */
};

/* In the order in which they stand in a file. */
enum model_section {
    SECTION_LAYERS,
    SECTION_CONNECTIONS,
    SECTION_DELAYED,
    SECTION_KINDS,
    SECTION_OUTPUTS,
    SECTION_SHARED,
    SECTION_STATES,
    SECTION_UNROLLED,
    SECTION_INPUT_SCALING,
    SECTION_TARGET_SCALING,
    SECTION_WEIGHTS,
    SECTION_END,
    SECTION_COUNT
};

typedef struct section_kind {
    char tag[SECTION_TAG_BYTES + 1];
    bool required;
} section_kind;

extern const section_kind bpi_model_sections[SECTION_COUNT];

/* What a layer's flags say. */
enum {
    LAYER_FLAG_INPUT = 1,
    LAYER_FLAG_BIAS = 2,
    LAYER_FLAG_CUSTOM = 4, /* the activation's name is the caller's, not the library's */
    LAYER_FLAGS = LAYER_FLAG_INPUT | LAYER_FLAG_BIAS | LAYER_FLAG_CUSTOM
};

/* And those of an initial state. */
enum { STATE_FLAG_LEARNED = 1, STATE_FLAGS = STATE_FLAG_LEARNED };

/* And those of a field. */
enum { FIELD_FLAG_SHARED_BIAS = 1, FIELD_FLAGS = FIELD_FLAG_SHARED_BIAS };

/* Writes the file of a network whose weights are set to bytes and returns its size; NULL: only the size. */
size_t bpi_model_write(const bp_network *net, unsigned char *bytes);

/* The bytes of a file, and what messages about it begin with. */
typedef struct model_source {
    const char *name; /* the path, or the public function that was given the bytes */
    const unsigned char *bytes;
    size_t size;
} model_source;

/* The payload of a section: from `start` of the source up to `end`. */
typedef struct section_span {
    bool present;
    size_t start, end;
} section_span;

/* A file whose container is known to be whole. */
typedef struct model_file {
    const model_source *source;
    size_t real_bytes; /* 4 or 8 */
    section_span sections[SECTION_COUNT];
} model_file;

/* Checks signature, version, checksums, lengths and order of the sections, and finds their payloads. */
bp_status bpi_model_scan(model_file *file, const model_source *source);

/* A message that names file and byte, with the reason. */
bp_status bpi_model_fail(const model_source *source, size_t offset, bp_status status, const char *format, ...)
    BPI_PRINTF(4, 5);

/* Adds layers, connections with their kinds, outputs, shares and initial states of a file to an empty
 * network. On failure it is left half-built. */
bp_status bpi_model_build_structure(bp_network *net, const model_file *file);

/* Gives the connections of a network that are not dense the kinds that a file says they have. On failure some
 * have them. */
bp_status bpi_model_build_kinds(bp_network *net, const model_file *file);

/* Makes an empty network into that of a file which bpi_model_scan passed; *net may then be another one that
 * owns it. On failure it is left half-built. */
bp_status bpi_model_build(bp_network **net, const model_file *file);

#endif
