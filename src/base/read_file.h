/* Reading files, in parts or whole. */
#ifndef BPI_BASE_READ_FILE_H
#define BPI_BASE_READ_FILE_H

#include "base/gzip.h"

/* A file that is read from beginning to end, or bytes in memory that are read the same way. */
typedef struct input_file {
    const char *path; /* for messages; borrowed */
    size_t size;      /* in bytes, when it was opened; unpacked if it is packed */
    size_t position;  /* of the next byte to be read */
    raw_file raw;     /* unless it is packed */
    gzip_file *gzip;  /* NULL unless it is */
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

/*
 * If a file just opened is a gzip file, its bytes are from now on those that were packed, unpacked a block at
 * a time as they are read. Their number is found first, in a pass over the file, which finds damage, too.
 * Another file is left as it is, and so is every file in a library without zlib, whose readers refuse gzip
 * files by name. FORMAT with the byte of the packed file, FILE, MEMORY; the file can still be closed.
 */
bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator);

/* Reads the next `count` bytes, count <= size - position. FILE if they can no longer be read. */
bp_status bpi_input_read(input_file *file, void *bytes, size_t count);

/* Goes to a byte, at <= size, of a file that is not packed. FILE. */
bp_status bpi_input_seek(input_file *file, size_t at);

/* Back to the first byte. FILE. */
bp_status bpi_input_rewind(input_file *file);

/* FILE if it was modified since it was opened, so that what was read may be a mixture. */
bp_status bpi_input_check_unchanged(const input_file *file);

void bpi_input_close(input_file *file);

/* Reads a whole file into one block, with a zero byte after it that *size does not count. FILE, MEMORY. */
bp_status bpi_read_file(const char *path, const bp_allocator *allocator, char **bytes, size_t *size);

#endif
