/* Reading the payload of a section, byte by byte, with messages that name the place in the file. */
#ifndef BPI_FORMAT_MODEL_CURSOR_H
#define BPI_FORMAT_MODEL_CURSOR_H

#include "format/model_format.h"

enum { MODEL_NAME_ROOM = 256 };

/* What the messages of building calls begin with until bpi_cursor_blame gives them a place in the file. */
#define BPI_MODEL_BUILDING "model"

/* What is left of a section's payload. */
typedef struct model_cursor {
    const model_file *file;
    enum model_section section;
    size_t at, end;
} model_cursor;

/* The section must be there. */
model_cursor bpi_cursor_open(const model_file *file, enum model_section section);
/* Nothing may be left over. */
bp_status bpi_cursor_close(const model_cursor *cursor);

const char *bpi_cursor_tag(const model_cursor *cursor);
const unsigned char *bpi_cursor_bytes(const model_cursor *cursor);

bp_status bpi_cursor_u32(model_cursor *cursor, uint32_t *value);
bp_status bpi_cursor_size(model_cursor *cursor, size_t *value);
/* A number of entries, each of at least entry_bytes, that the rest of the section has room for. */
bp_status bpi_cursor_count(model_cursor *cursor, size_t entry_bytes, size_t *count);
/* Passes over `count` entries of entry_bytes, which must be there. */
bp_status bpi_cursor_skip(model_cursor *cursor, size_t count, size_t entry_bytes);
/* The index of one of `count` connections. */
bp_status bpi_cursor_connection(model_cursor *cursor, size_t count, size_t *index);
bp_status bpi_cursor_name(model_cursor *cursor, char name[MODEL_NAME_ROOM]);

/* Converts up to `count` numbers that are there, without passing over them, and returns how many were before
 * one that is not finite in bp_real. */
size_t bpi_cursor_reals(const model_cursor *cursor, bp_real *values, size_t count);
/* The message about that one: number `index` is `what`. */
bp_status bpi_cursor_fail_number(const model_cursor *cursor, size_t index, const char *what);

/* What a building call refuses is wrong in the file, at `offset`. */
bp_status bpi_cursor_blame(const model_cursor *cursor, size_t offset, bp_status status);

#endif
