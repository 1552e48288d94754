/* The model file, described byte by byte in docs/model-format.md: what writer and reader share. */
#ifndef BPI_FORMAT_MODEL_FORMAT_H
#define BPI_FORMAT_MODEL_FORMAT_H

#include "base/section_file.h"

/* As that of PNG: the first byte is not ASCII, and a transfer that strips the eighth bit or translates line
 * ends damages the signature. */
#define BPI_MODEL_SIGNATURE                                                                                  \
    "\x8b"                                                                                                   \
    "BPN\r\n\x1a\n"

enum { MODEL_VERSION = 1 };

/* In the order of a file. */
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
    SECTION_TRAINING,
    SECTION_NOISE,
    SECTION_SCHEMA,
    SECTION_MARKERS,
    SECTION_METADATA,
    SECTION_END,
    SECTION_COUNT
};

/* Prefix of messages from calls that build a network; bpi_cursor_error_at replaces it by the byte. */
#define BPI_MODEL_BUILDING "model"

/* Flags of a layer. */
enum {
    LAYER_FLAG_INPUT = 1,
    LAYER_FLAG_BIAS = 2,
    LAYER_FLAG_CUSTOM = 4,     /* the activation is custom */
    LAYER_FLAG_PARAMETERS = 8, /* the activation has parameters */
    LAYER_FLAGS = LAYER_FLAG_INPUT | LAYER_FLAG_BIAS | LAYER_FLAG_CUSTOM | LAYER_FLAG_PARAMETERS
};

/* Flags of an initial state. */
enum { STATE_FLAG_LEARNED = 1, STATE_FLAGS = STATE_FLAG_LEARNED };

/* Flags of a part of the weights in the section of training. */
enum { TRAINING_FLAG_FROZEN = 1, TRAINING_FLAGS = TRAINING_FLAG_FROZEN };

/* Flags of a convolution. */
enum { CONVOLUTION_FLAG_SHARED_BIAS = 1, CONVOLUTION_FLAGS = CONVOLUTION_FLAG_SHARED_BIAS };

/* A file whose sections were checked (bpi_model_scan). */
typedef section_file model_file;

#endif
