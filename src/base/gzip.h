/* Files that gzip packed, read as if they were not; only if the library is built with zlib. */
#ifndef BPI_BASE_GZIP_H
#define BPI_BASE_GZIP_H

#include "base/raw_file.h"

typedef struct gzip_file gzip_file;

/*
 * If a file just opened is a gzip file, *out is one that gives its unpacked bytes and has taken *raw, and
 * *size is their number, which is found in a pass over the file; otherwise *out is NULL, as it always is
 * without zlib. FORMAT with the byte of the packed file, FILE, MEMORY; *out is NULL and *raw can be closed.
 */
bp_status bpi_gzip_open(gzip_file **out, const raw_file *raw, const bp_allocator *allocator, size_t *size);

/* As the functions of raw_file.h of these names. */
bp_status bpi_gzip_read(gzip_file *file, void *bytes, size_t count);
bp_status bpi_gzip_rewind(gzip_file *file);
bp_status bpi_gzip_check_unchanged(const gzip_file *file);
void bpi_gzip_close(gzip_file *file);

#endif
