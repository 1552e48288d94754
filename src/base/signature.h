/* Signatures of other kinds of file, which are often passed by mistake. */
#ifndef BPI_BASE_SIGNATURE_H
#define BPI_BASE_SIGNATURE_H

#include <stddef.h>

#include "base/arithmetic.h"

/* The kind of a file that begins with these bytes, and what to do, as the end of a message: "a gzip file;
 * decompress it first". NULL if the kind is unknown. Four bytes are enough for all but bzip2, which takes
 * ten. */
const char *bpi_foreign_file(const void *bytes, size_t size);

/* The same for what should be a table in text: also of other kinds of text and of tables. As many bytes as
 * there are, up to a few lines. */
const char *bpi_foreign_table(const void *bytes, size_t size);

#endif
