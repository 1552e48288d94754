/* Files that grow by whole pieces, such as lines. No function raises a signal. */
#ifndef BPI_BASE_APPEND_FILE_H
#define BPI_BASE_APPEND_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arithmetic.h"

/* Opens a file to append to it, empty if is_new; makes it if there is none. Returns its descriptor, or -1
 * with an errno in *error. */
int bpi_append_open(const char *path, bool is_new, int *error);

/* The same for a file that is to go on after its first `length` bytes: a regular file is cut to them, or to
 * what it has, and then to whole lines. */
int bpi_append_reopen(const char *path, uint64_t length, int *error);

/* Bytes of a regular file; 0 of any other. */
uint64_t bpi_append_length(int descriptor);

/* Appends bytes, by one write unless the system takes fewer of them. 0, or the errno of a failure, after
 * which a regular file ends where it ended before. */
int bpi_append_bytes(int descriptor, const void *bytes, size_t count);

#endif
