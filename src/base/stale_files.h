/* Temporary files that writers who were killed have left behind (write_file.h). */
#ifndef BPI_BASE_STALE_FILES_H
#define BPI_BASE_STALE_FILES_H

#include "base/arithmetic.h"

/* A file is older than this before it is taken for one. */
enum { STALE_SECONDS = 3600 };

/* Says that the temporary file is being written, until it is closed, also by the end of the process. Where
 * the file system has no locks, nothing is said, and nothing is ever removed. */
void bpi_claim_file(int descriptor);

/* Removes the temporary files in the directory of a file that nobody is writing any more: those that are old,
 * and that no process has claimed. Failures do not matter. */
void bpi_remove_stale_files(const char *path);

#endif
