/* Bounds-checked reading of a section of a file. Messages name the file and the byte. */
#ifndef BPI_BASE_CURSOR_H
#define BPI_BASE_CURSOR_H

#include "base/arithmetic.h"
#include "base/status.h"

enum { CURSOR_NAME_CAPACITY = 256 };

/* The bytes of a file, and its name for messages. */
typedef struct byte_source {
    const char *name; /* the path, or the public function that received the bytes */
    const unsigned char *bytes;
    size_t size;
} byte_source;

/* bpi_fail with the message "<name>: byte <offset>: <reason>". */
bp_status bpi_source_fail(const byte_source *source, size_t offset, bp_status status, const char *format, ...)
    BPI_PRINTF(4, 5);

/* The unread part of a section's payload: bytes at .. end - 1 of the source. */
typedef struct section_cursor {
    const byte_source *source;
    const char *tag;   /* the section's name, for messages */
    size_t real_bytes; /* size of a real number: 4 or 8 */
    size_t at, end;
} section_cursor;

/* FORMAT if bytes are left unread. */
bp_status bpi_cursor_close(const section_cursor *cursor);

/* The next byte. */
const unsigned char *bpi_cursor_bytes(const section_cursor *cursor);

/* Each reads a value and advances. FORMAT if the section ends before it or the value is out of range. */
bp_status bpi_cursor_u32(section_cursor *cursor, uint32_t *value);
bp_status bpi_cursor_u64(section_cursor *cursor, uint64_t *value);
/* binary64, in both libraries. */
bp_status bpi_cursor_double(section_cursor *cursor, double *value);
bp_status bpi_cursor_size(section_cursor *cursor, size_t *value);
/* A number of entries of at least entry_bytes each, which the rest of the section can hold. */
bp_status bpi_cursor_count(section_cursor *cursor, size_t entry_bytes, size_t *count);
/* Skips `count` entries of entry_bytes. */
bp_status bpi_cursor_skip(section_cursor *cursor, size_t count, size_t entry_bytes);
/* An index below `count`; `what` it is an index of, for the message. */
bp_status bpi_cursor_index(section_cursor *cursor, const char *what, size_t count, size_t *index);
bp_status bpi_cursor_name(section_cursor *cursor, char name[CURSOR_NAME_CAPACITY]);

/* A text of any length, which the caller releases; no byte of it is zero. Also MEMORY. */
bp_status bpi_cursor_text(section_cursor *cursor, const bp_allocator *allocator, char **text);

/* Converts the next `count` real numbers, which must be there, and does not advance. Returns how many precede
 * the first that is not finite in bp_real. */
size_t bpi_cursor_reals(const section_cursor *cursor, bp_real *values, size_t count);
/* NOT_FINITE for number `index` of those at the cursor; `what` names it. */
bp_status bpi_cursor_fail_number(const section_cursor *cursor, size_t index, const char *what);

/* Turns the failure of a call whose message begins with `prefix` into FORMAT at `offset` of the file. OK and
 * MEMORY are returned as they are. */
bp_status bpi_cursor_error_at(const section_cursor *cursor, const char *prefix, size_t offset,
                              bp_status status);

#endif
