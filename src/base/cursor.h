/*
 * Reading the payload of a section, byte by byte, with messages that name the place in the file.
 */
#ifndef BPI_BASE_CURSOR_H
#define BPI_BASE_CURSOR_H

#include "base/arithmetic.h"
#include "base/status.h"

enum { CURSOR_NAME_CAPACITY = 256 };

/* The bytes of a file, and what messages about it begin with. */
typedef struct byte_source {
    const char *name; /* the path, or the public function that was given the bytes */
    const unsigned char *bytes;
    size_t size;
} byte_source;

/* A message that names file and byte, with the reason. */
bp_status bpi_source_fail(const byte_source *source, size_t offset, bp_status status, const char *format, ...)
    BPI_PRINTF(4, 5);

/* What is left of a section's payload. */
typedef struct section_cursor {
    const byte_source *source;
    const char *tag;   /* the section's name, for messages */
    size_t real_bytes; /* of a real number: 4 or 8 */
    size_t at, end;
} section_cursor;

/* Nothing may be left over. */
bp_status bpi_cursor_close(const section_cursor *cursor);

const unsigned char *bpi_cursor_bytes(const section_cursor *cursor);

bp_status bpi_cursor_u32(section_cursor *cursor, uint32_t *value);
bp_status bpi_cursor_size(section_cursor *cursor, size_t *value);
/* A number of entries, each of at least entry_bytes, that the rest of the section has room for. */
bp_status bpi_cursor_count(section_cursor *cursor, size_t entry_bytes, size_t *count);
/* Passes over `count` entries of entry_bytes, which must be there. */
bp_status bpi_cursor_skip(section_cursor *cursor, size_t count, size_t entry_bytes);
/* The index of one of `count` things; `what` they are, for the message. */
bp_status bpi_cursor_index(section_cursor *cursor, const char *what, size_t count, size_t *index);
bp_status bpi_cursor_name(section_cursor *cursor, char name[CURSOR_NAME_CAPACITY]);

/* Converts up to `count` numbers that are there, without passing over them, and returns how many were before
 * one that is not finite in bp_real. */
size_t bpi_cursor_reals(const section_cursor *cursor, bp_real *values, size_t count);
/* The message about that one: number `index` is `what`. */
bp_status bpi_cursor_fail_number(const section_cursor *cursor, size_t index, const char *what);

/* What a call refused, with a message that begins with `prefix`, is wrong in the file at `offset`. */
bp_status bpi_cursor_error_at(const section_cursor *cursor, const char *prefix, size_t offset,
                              bp_status status);

#endif
