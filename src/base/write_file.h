/* Replacing a file atomically. */
#ifndef BPI_BASE_WRITE_FILE_H
#define BPI_BASE_WRITE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "backprop.h"
#include "base/arithmetic.h"

/*
 * Writes the bytes to a temporary file beside the target, syncs it, and renames it to the target, so that at
 * any moment `path` is the old file or the new one. Symbolic links are followed. Only a regular file with
 * write permission is replaced; the new one gets its permissions. After a failure the old file is unchanged
 * and the temporary file is removed. Only if the last step, syncing the directory, fails, the new file is in
 * place already, and the message says so. A process that is killed may leave a file named
 * .backprop-<16 hexadecimal digits>.tmp behind (stale_files.h). FILE with path and reason, MEMORY.
 */
bp_status bpi_write_file(const char *path, const void *bytes, size_t count, const bp_allocator *allocator);

/* Why the file could not be written now, as far as can be told without an attempt: an errno; 0: no reason is
 * known. */
int bpi_write_obstacle(const char *path);

/* The same in parts: a file that is being replaced. */
typedef struct output_file {
    const char *path; /* as the caller named it, for messages; borrowed */
    const bp_allocator *allocator;
    char *resolved;     /* path of the old file from realpath, or NULL: the file is new */
    const char *target; /* resolved or path */
    size_t directory;   /* length of the directory part of target, with the slash */
    mode_t mode;        /* of the old file */
    char *temporary;    /* path of the temporary file */
    bool exists;        /* the temporary file exists */
    int descriptor;     /* of the temporary file while it is open, else -1 */
} output_file;

/* Creates the temporary file. */
bp_status bpi_output_open(output_file *file, const char *path, const bp_allocator *allocator);
bp_status bpi_output_write(const output_file *file, const void *bytes, size_t count);
/* Puts the file in place if all went well so far; after another status, which is returned, it is removed. */
bp_status bpi_output_close(output_file *file, bp_status status);

#endif
