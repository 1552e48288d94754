#include "train/archive.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

void bpi_archive_fail(archive *a, bp_status status, const char *format, ...)
{
    char reason[320];
    if (a->status != BP_OK)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    a->status = bpi_source_fail(a->cursor.source, a->cursor.at, status, "%s", reason);
}

/* -------------------------------------------------------------------------- values */

void bpi_archive_u64(archive *a, uint64_t *value)
{
    if (!bpi_archive_reads(a))
        bpi_sink_u64(a->sink, *value);
    else if (a->status == BP_OK)
        a->status = bpi_cursor_u64(&a->cursor, value);
}

void bpi_archive_size(archive *a, size_t *value)
{
    uint64_t number = *value == SIZE_MAX ? UINT64_MAX : *value;
    bpi_archive_u64(a, &number);
    if (number > SIZE_MAX && number != UINT64_MAX)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "%llu is too large a number for this machine",
                         (unsigned long long)number);
    *value = (size_t)number;
}

void bpi_archive_bool(archive *a, bool *value)
{
    uint64_t number = *value;
    bpi_archive_u64(a, &number);
    if (number > 1)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "a truth value of %llu", (unsigned long long)number);
    *value = number == 1;
}

static void archive_int(archive *a, int *value)
{
    uint64_t number = (uint64_t)(int64_t)*value;
    bpi_archive_u64(a, &number);
    const int64_t wide = (int64_t)number;
    if (wide < INT_MIN || wide > INT_MAX)
        bpi_archive_fail(a, BP_ERROR_FORMAT, "a number that has no place in an int");
    else
        *value = (int)wide;
}

void bpi_archive_doubles(archive *a, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bpi_archive_u64(a, &bits);
        memcpy(&values[i], &bits, sizeof bits);
    }
}

void bpi_archive_name(archive *a, char name[CURSOR_NAME_CAPACITY])
{
    if (!bpi_archive_reads(a))
        bpi_sink_name(a->sink, name);
    else if (a->status == BP_OK)
        a->status = bpi_cursor_name(&a->cursor, name);
}

void bpi_archive_count(archive *a, size_t *count, size_t entry_bytes)
{
    if (!bpi_archive_reads(a)) {
        bpi_sink_u64(a->sink, *count);
        return;
    }
    *count = a->status == BP_OK ? *count : 0;
    if (a->status == BP_OK)
        a->status = bpi_cursor_count(&a->cursor, entry_bytes, count);
    if (a->status != BP_OK)
        *count = 0;
}

/* ---------------------------------------------------------------------------- reals */

/* A file has the library's own precision, so that no bit is lost. */
static bp_real real_at(const unsigned char *bytes)
{
#ifdef BP_DOUBLE
    return bpi_get_f64(bytes);
#else
    return bpi_get_f32(bytes);
#endif
}

static void read_reals(archive *a, bp_real *values, size_t count, const char *finite)
{
    section_cursor start = a->cursor;
    a->status = bpi_cursor_skip(&a->cursor, count, sizeof(bp_real));
    if (a->status != BP_OK)
        return;
    const unsigned char *bytes = bpi_cursor_bytes(&start);
    for (size_t i = 0; i < count; i++)
        values[i] = real_at(bytes + i * sizeof(bp_real));
    if (finite == NULL)
        return;
    const size_t good = bpi_cursor_reals(&start, values, count);
    if (good < count)
        a->status = bpi_cursor_fail_number(&start, good, finite);
}

void bpi_archive_reals(archive *a, bp_real *values, size_t count, const char *finite)
{
    if (!bpi_archive_reads(a))
        bpi_sink_reals(a->sink, values, count);
    else if (a->status == BP_OK)
        read_reals(a, values, count, finite);
}

/* -------------------------------------------------------------------------- structs */

static void archive_value(archive *a, const member *row, void *value)
{
    switch (row->kind) {
    case MEMBER_BOOL:
        bpi_archive_bool(a, value);
        break;
    case MEMBER_INT:
        archive_int(a, value);
        break;
    case MEMBER_SIZE:
        bpi_archive_size(a, value);
        break;
    case MEMBER_U64:
        bpi_archive_u64(a, value);
        break;
    case MEMBER_DOUBLE:
        bpi_archive_doubles(a, value, 1);
        break;
    case MEMBER_STRUCT:
        bpi_archive_members(a, row->table, value);
        break;
    default: /* not here, or not at all */
        break;
    }
}

void bpi_archive_members(archive *a, const member_table *table, void *object)
{
    for (size_t i = 0; i < table->count; i++) {
        const member *row = &table->members[i];
        const size_t size = bpi_member_size(row);
        for (size_t at = 0; at < row->size; at += size)
            archive_value(a, row, (unsigned char *)object + row->offset + at);
    }
}
