/* Text written to a buffer of the caller's, which may be too short for it: then it is cut off, and what it
 * takes is counted all the same. */
#ifndef BPI_BASE_TEXT_SINK_H
#define BPI_BASE_TEXT_SINK_H

#include "backprop.h"
#include "base/status.h"

typedef struct text_sink {
    char *buffer; /* NULL: text is only counted */
    size_t capacity, length;
} text_sink;

/* ARGUMENT, with the public function's name, if buffer is NULL and capacity is not 0. */
bp_status bpi_text_begin(text_sink *sink, const char *function, char *buffer, size_t capacity);

void bpi_text_bytes(text_sink *sink, const char *bytes, size_t count);
void bpi_text(text_sink *sink, const char *text);
void bpi_text_repeat(text_sink *sink, char character, size_t count);
void bpi_text_format(text_sink *sink, const char *format, ...) BPI_PRINTF(2, 3); /* up to 255 bytes */

/* The final 0; *needed, unless it is NULL, is what all takes. SIZE if text was cut off. */
bp_status bpi_text_end(text_sink *sink, const char *function, size_t *needed);

#endif
