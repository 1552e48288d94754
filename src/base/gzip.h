/* Files that gzip packed, read as if they were not; only if the library is built with zlib. */
#ifndef BPI_BASE_GZIP_H
#define BPI_BASE_GZIP_H

#include "base/read_file.h"

/*
 * If a file just opened is a gzip file, its bytes are from now on those that were packed, unpacked a block at
 * a time as they are read. Their number is found first, in a pass over the file, which finds damage, too.
 * Another file is left as it is, and so is every file in a library without zlib, whose readers refuse gzip
 * files by name. FORMAT with the byte of the packed file, FILE, MEMORY; the file can still be closed.
 */
bp_status bpi_input_unpack(input_file *file, const bp_allocator *allocator);

#endif
