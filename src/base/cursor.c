#include "base/cursor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/real.h"

bp_status bpi_source_fail(const byte_source *source, size_t offset, bp_status status, const char *format, ...)
{
    char reason[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return bpi_fail(status, "%s: byte %zu: %s", source->name, offset, reason);
}

const unsigned char *bpi_cursor_bytes(const section_cursor *cursor)
{
    return cursor->source->bytes + cursor->at;
}

static bp_status need(const section_cursor *cursor, size_t bytes)
{
    if (cursor->end - cursor->at < bytes)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT,
                               "section %s ends where %zu more bytes should be", cursor->tag, bytes);
    return BP_OK;
}

bp_status bpi_cursor_close(const section_cursor *cursor)
{
    if (cursor->at != cursor->end)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT,
                               "section %s has %zu bytes too many", cursor->tag, cursor->end - cursor->at);
    return BP_OK;
}

bp_status bpi_cursor_u32(section_cursor *cursor, uint32_t *value)
{
    BPI_TRY(need(cursor, 4));
    *value = bpi_get_u32(bpi_cursor_bytes(cursor));
    cursor->at += 4;
    return BP_OK;
}

bp_status bpi_cursor_u64(section_cursor *cursor, uint64_t *value)
{
    BPI_TRY(need(cursor, 8));
    *value = bpi_get_u64(bpi_cursor_bytes(cursor));
    cursor->at += 8;
    return BP_OK;
}

bp_status bpi_cursor_double(section_cursor *cursor, double *value)
{
    uint64_t bits;
    BPI_TRY(bpi_cursor_u64(cursor, &bits));
    memcpy(value, &bits, sizeof bits);
    return BP_OK;
}

bp_status bpi_cursor_size(section_cursor *cursor, size_t *value)
{
    const size_t start = cursor->at;
    uint64_t wide;
    BPI_TRY(bpi_cursor_u64(cursor, &wide));
    if (wide > SIZE_MAX)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "%llu is too large a number for this machine", (unsigned long long)wide);
    *value = (size_t)wide;
    return BP_OK;
}

bp_status bpi_cursor_count(section_cursor *cursor, size_t entry_bytes, size_t *count)
{
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_size(cursor, count));
    if (*count > (cursor->end - cursor->at) / entry_bytes)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "section %s is too short for %zu entries", cursor->tag, *count);
    return BP_OK;
}

bp_status bpi_cursor_skip(section_cursor *cursor, size_t count, size_t entry_bytes)
{
    if (count > (cursor->end - cursor->at) / entry_bytes)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT,
                               "section %s is too short for %zu entries", cursor->tag, count);
    cursor->at += count * entry_bytes;
    return BP_OK;
}

bp_status bpi_cursor_index(section_cursor *cursor, const char *what, size_t count, size_t *index)
{
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_size(cursor, index));
    if (*index >= count)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "%s %zu does not exist, there are %zu",
                               what, *index, count);
    return BP_OK;
}

bp_status bpi_cursor_name(section_cursor *cursor, char name[CURSOR_NAME_CAPACITY])
{
    BPI_TRY(need(cursor, 1));
    size_t start = cursor->at, length = *bpi_cursor_bytes(cursor);
    cursor->at++;
    BPI_TRY(need(cursor, length));
    if (memchr(bpi_cursor_bytes(cursor), '\0', length) != NULL)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "a name contains a zero byte");
    memcpy(name, bpi_cursor_bytes(cursor), length);
    name[length] = '\0';
    cursor->at += length;
    return BP_OK;
}

/* Real number `index` of those at the cursor; double holds both widths exactly. */
static double real_at(const section_cursor *cursor, size_t index)
{
    size_t width = cursor->real_bytes;
    const unsigned char *bytes = bpi_cursor_bytes(cursor) + index * width;
    return width == 4 ? (double)bpi_get_f32(bytes) : bpi_get_f64(bytes);
}

size_t bpi_cursor_reals(const section_cursor *cursor, bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = real_at(cursor, i);
        if (!bpi_fits_real(value))
            return i;
        values[i] = (bp_real)value;
    }
    return count;
}

bp_status bpi_cursor_fail_number(const section_cursor *cursor, size_t index, const char *what)
{
    double value = real_at(cursor, index);
    return bpi_source_fail(cursor->source, cursor->at + index * cursor->real_bytes, BP_ERROR_NOT_FINITE,
                           "%s is %s%s", what, bpi_format_real(value).text,
                           isfinite(value) ? ", too large for this library's numbers" : "");
}

bp_status bpi_cursor_error_at(const section_cursor *cursor, const char *prefix, size_t offset,
                              bp_status status)
{
    if (status == BP_OK || status == BP_ERROR_MEMORY)
        return status;
    char reason[320];
    snprintf(reason, sizeof reason, "%s", bp_error_message() + strlen(prefix) + strlen(": "));
    return bpi_source_fail(cursor->source, offset, BP_ERROR_FORMAT, "%s", reason);
}

bp_status bpi_cursor_text(section_cursor *cursor, const bp_allocator *allocator, char **text)
{
    const size_t start = cursor->at;
    size_t length = 0;
    BPI_TRY(bpi_cursor_count(cursor, 1, &length));
    const unsigned char *bytes = bpi_cursor_bytes(cursor);
    if (memchr(bytes, 0, length) != NULL)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "the text has a zero byte");
    char *copy = bpi_allocate(allocator, length + 1, 1);
    if (copy == NULL)
        return bpi_source_fail(cursor->source, start, BP_ERROR_MEMORY, "no memory for a text of %zu bytes",
                               length);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    cursor->at += length;
    *text = copy;
    return BP_OK;
}
