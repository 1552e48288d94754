/* Reading regular files, piece by piece or whole. */
#ifndef BPI_BASE_READ_FILE_H
#define BPI_BASE_READ_FILE_H

#include <time.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* A file open for reading from its beginning to its end; or bytes in memory that are read the same way. */
typedef struct input_file {
    const char *path;            /* for messages; the caller's */
    size_t size;                 /* in bytes, when it was opened */
    size_t position;             /* of the next byte to be read */
    const unsigned char *memory; /* the bytes, or NULL: a file */
    int descriptor;
    struct timespec modified; /* when it was opened */
} input_file;

/* FILE, with path and reason, if there is no such file, it is not a regular one or cannot be opened. */
bp_status bpi_input_open(input_file *file, const char *path);

/* The same for bytes in memory; `name` takes the place of the path. */
void bpi_input_from_memory(input_file *file, const char *name, const void *bytes, size_t size);

/* The next `count` bytes; trusts that size - position is not less. FILE if they can no longer be read. */
bp_status bpi_input_read(input_file *file, void *bytes, size_t count);

/* FILE if it has been written to since it was opened: what was read may be of two files. */
bp_status bpi_input_check_unchanged(const input_file *file);

void bpi_input_close(input_file *file);

/* The whole file in one block with a zero byte after it, which *size does not count. FILE, MEMORY. */
bp_status bpi_read_file(const char *path, const bp_allocator *allocator, char **bytes, size_t *size);

#endif
