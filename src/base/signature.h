/* Kinds of file that are handed over by mistake, told by how they begin. */
#ifndef BPI_BASE_SIGNATURE_H
#define BPI_BASE_SIGNATURE_H

#include <stddef.h>

#include "base/arithmetic.h"

/*
 * What a file that begins with these bytes is, and what to do about it, as the end of a message: "a gzip
 * file; decompress it first". NULL if it is none of the kinds that are known. Four bytes tell all but bzip2,
 * which takes ten.
 */
const char *bpi_foreign_file(const void *bytes, size_t size);

#endif
