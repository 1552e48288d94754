/* Replacing a file atomically. */
#ifndef BPI_BASE_WRITE_FILE_H
#define BPI_BASE_WRITE_FILE_H

#include "backprop.h"
#include "base/arithmetic.h"

/*
 * Writes the bytes to a temporary file beside the target, syncs it, and renames it to the target, so that at
 * any moment `path` is the old file or the new one. Symbolic links are followed. Only a regular file with
 * write permission is replaced; the new one gets its permissions. After a failure the old file is unchanged
 * and the temporary file is removed. Only if the last step, syncing the directory, fails, the new file is in
 * place already, and the message says so. A process that is killed may leave a file named
 * .backprop-<16 hexadecimal digits>.tmp behind. FILE with path and reason, MEMORY.
 */
bp_status bpi_write_file(const char *path, const void *bytes, size_t count, const bp_allocator *allocator);

#endif
