/* Files that gzip packed, read as if they were not; only if the library is built with zlib. */
#ifndef BPI_BASE_GZIP_H
#define BPI_BASE_GZIP_H

#include "base/read_file.h"

/*
 * If a file just opened is a gzip file, unpacks all of it into memory, which takes its place; closing the
 * file releases it. Another file is left as it is, and so is every file in a library without zlib, whose
 * readers refuse gzip files by name. FORMAT with the byte of the packed file, FILE, MEMORY; the file can
 * still be closed.
 */
bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator);

#endif
