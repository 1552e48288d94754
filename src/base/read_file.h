/* Reading regular files, in parts or whole. */
#ifndef BPI_BASE_READ_FILE_H
#define BPI_BASE_READ_FILE_H

#include <stdio.h>
#include <time.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* Where the bytes of an input come from that are neither in a file nor in memory as they are. As the
 * functions of an input_file below; `state` is the input's. */
typedef struct input_source {
    bp_status (*read)(void *state, void *bytes, size_t count);
    bp_status (*rewind)(void *state);
    bp_status (*check_unchanged)(const void *state);
    void (*close)(void *state);
} input_source;

/* A file that is read from beginning to end, or bytes in memory that are read the same way. */
typedef struct input_file {
    const char *path;            /* for messages; borrowed */
    size_t size;                 /* in bytes, when it was opened */
    size_t position;             /* of the next byte to be read */
    const input_source *source;  /* of the bytes, or NULL: those in memory or in a file */
    void *state;                 /* of the source */
    const unsigned char *memory; /* the bytes, or NULL: a file */
    int descriptor;
    struct timespec modified;      /* when it was opened */
    char *owned;                   /* memory that closing releases; NULL: none */
    const bp_allocator *allocator; /* of it; borrowed */
} input_file;

/* Opens a file. FILE, with path and reason, if it cannot be opened or is not a regular file. */
bp_status bpi_input_open(input_file *file, const char *path);

/* Opens a regular file, or reads what another one, a pipe for instance, holds up to its end. FILE, MEMORY. */
bp_status bpi_input_open_any(input_file *file, const char *path, const bp_allocator *allocator);

/* Reads the rest of a stream into memory; `name` takes the place of the path. FILE, MEMORY. */
bp_status bpi_input_from_stream(input_file *file, const char *name, FILE *stream,
                                const bp_allocator *allocator);

/* The same for bytes in memory; `name` takes the place of the path. */
void bpi_input_from_memory(input_file *file, const char *name, const void *bytes, size_t size);

/* Reads the next `count` bytes, count <= size - position. FILE if they can no longer be read. */
bp_status bpi_input_read(input_file *file, void *bytes, size_t count);

/* Back to the first byte. FILE. */
bp_status bpi_input_rewind(input_file *file);

/* FILE: what was read is not what was read before. */
bp_status bpi_fail_changed(const char *path);

/* FILE if it was modified since it was opened, so that what was read may be a mixture. */
bp_status bpi_input_check_unchanged(const input_file *file);

void bpi_input_close(input_file *file);

/* Reads a whole file into one block, with a zero byte after it that *size does not count. FILE, MEMORY. */
bp_status bpi_read_file(const char *path, const bp_allocator *allocator, char **bytes, size_t *size);

#endif
