/* The bytes of files, or of memory, as they are. */
#ifndef BPI_BASE_RAW_FILE_H
#define BPI_BASE_RAW_FILE_H

#include <stdio.h>
#include <time.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* A file that is read from beginning to end, or bytes in memory that are read the same way. */
typedef struct raw_file {
    const char *path;            /* for messages; borrowed */
    size_t size;                 /* in bytes, when it was opened */
    size_t position;             /* of the next byte to be read */
    const unsigned char *memory; /* the bytes, or NULL: a file */
    int descriptor;
    struct timespec modified;      /* when it was opened */
    char *owned;                   /* memory that closing releases; NULL: none */
    const bp_allocator *allocator; /* of it; borrowed */
} raw_file;

/* FILE: what was read is not what was read before. */
bp_status bpi_fail_changed(const char *path);

/* Opens a file. FILE, with path and reason, if it cannot be opened or is not a regular file. */
bp_status bpi_raw_open(raw_file *file, const char *path);

/* Opens a regular file, or reads what another one, a pipe for instance, holds up to its end. FILE, MEMORY. */
bp_status bpi_raw_open_any(raw_file *file, const char *path, const bp_allocator *allocator);

/* Reads the rest of a stream into memory; `name` takes the place of the path. FILE, MEMORY. */
bp_status bpi_raw_from_stream(raw_file *file, const char *name, FILE *stream, const bp_allocator *allocator);

/* The same for bytes in memory; `name` takes the place of the path. */
void bpi_raw_from_memory(raw_file *file, const char *name, const void *bytes, size_t size);

/* Reads the next `count` bytes, count <= size - position. FILE if they can no longer be read. */
bp_status bpi_raw_read(raw_file *file, void *bytes, size_t count);

/* Goes to a byte of it, at <= size. FILE. */
bp_status bpi_raw_seek(raw_file *file, size_t at);

/* Back to the first byte. FILE. */
bp_status bpi_raw_rewind(raw_file *file);

/* FILE if it was modified since it was opened, so that what was read may be a mixture. */
bp_status bpi_raw_check_unchanged(const raw_file *file);

void bpi_raw_close(raw_file *file);

#endif
