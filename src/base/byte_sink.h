/* Where the bytes of a file are appended. */
#ifndef BPI_BASE_BYTE_SINK_H
#define BPI_BASE_BYTE_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "backprop.h"

/* Without a buffer bytes are only counted, so that size and content come from the same functions. The count
 * cannot overflow: what is written takes more memory than its file. */
typedef struct byte_sink {
    unsigned char *bytes; /* large enough, or NULL */
    size_t used;
} byte_sink;

void bpi_sink_bytes(byte_sink *sink, const void *bytes, size_t count);
void bpi_sink_u32(byte_sink *sink, uint32_t value);
void bpi_sink_u64(byte_sink *sink, uint64_t value);
/* binary64, in both libraries. */
void bpi_sink_double(byte_sink *sink, double value);
/* A name of at most 255 bytes: its length in one byte, then its bytes. */
void bpi_sink_name(byte_sink *sink, const char *name);
/* A text of any length: its length, then its bytes. */
void bpi_sink_text(byte_sink *sink, const char *text);
/* In the precision of the library. */
void bpi_sink_reals(byte_sink *sink, const bp_real *values, size_t count);

#endif
