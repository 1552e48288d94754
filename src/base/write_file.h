/* Writing a file whole or not at all. */
#ifndef BPI_BASE_WRITE_FILE_H
#define BPI_BASE_WRITE_FILE_H

#include "backprop.h"
#include "base/arithmetic.h"

/*
 * Writes the bytes to a new file beside the target, brings them to the disk, and puts the new file in the
 * target's place, so that at any moment `path` is the old file or the new one. Symbolic links are followed.
 * Only a regular file that may be written is replaced; the new one gets its permissions. After a failure the
 * old file is as it was and nothing is left beside it; only if the very last step fails, bringing the
 * directory's entry to the disk, the new file is there already, and the message says so. A process that is
 * killed may leave a file named .backprop-<16 hexadecimal digits>.tmp behind. FILE with path and reason,
 * MEMORY.
 */
bp_status bpi_write_file(const char *path, const void *bytes, size_t count, const bp_allocator *allocator);

#endif
