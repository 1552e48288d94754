/*
 * Values that are written to a section of a file, or read from one, by the same code: whoever names them once
 * has saved and loaded them. Whole numbers and truth values take 8 bytes.
 *
 * When reading fails, nothing more is read, and the status is that of the first failure.
 */
#ifndef BPI_TRAIN_ARCHIVE_H
#define BPI_TRAIN_ARCHIVE_H

#include "base/byte_sink.h"
#include "base/cursor.h"
#include "train/members.h"

typedef struct archive {
    byte_sink *sink;       /* being written; NULL: being read */
    section_cursor cursor; /* what is read */
    bp_status status;
} archive;

static inline bool bpi_archive_reads(const archive *a)
{
    return a->sink == NULL;
}

/* When reading: the rest is not read. The message names the file and the byte. */
void bpi_archive_fail(archive *a, bp_status status, const char *format, ...) BPI_PRINTF(3, 4);

void bpi_archive_u64(archive *a, uint64_t *value);
/* SIZE_MAX, which stands for none, is the same on every machine. */
void bpi_archive_size(archive *a, size_t *value);
void bpi_archive_bool(archive *a, bool *value);
void bpi_archive_doubles(archive *a, double *values, size_t count);
void bpi_archive_name(archive *a, char name[CURSOR_NAME_CAPACITY]);
/* Bit by bit; `finite` names values of which none may be NaN or infinite, NULL: any may. */
void bpi_archive_reals(archive *a, bp_real *values, size_t count, const char *finite);

/* A number of entries, of at least entry_bytes each, that follow; 0 after a failure. */
void bpi_archive_count(archive *a, size_t *count, size_t entry_bytes);

/* The members of a struct that its table has to be saved. What is written does not change. */
void bpi_archive_members(archive *a, const member_table *table, void *object);

#endif
