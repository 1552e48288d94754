#include "format/model_cursor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/real.h"

model_cursor bpi_cursor_open(const model_file *file, enum model_section section)
{
    const section_span *span = &file->sections[section];
    return (model_cursor){file, section, span->start, span->end};
}

const char *bpi_cursor_tag(const model_cursor *cursor)
{
    return bpi_model_sections[cursor->section].tag;
}

const unsigned char *bpi_cursor_bytes(const model_cursor *cursor)
{
    return cursor->file->source->bytes + cursor->at;
}

static bp_status need(const model_cursor *cursor, size_t bytes)
{
    if (cursor->end - cursor->at < bytes)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "section %s ends where %zu more bytes should be", bpi_cursor_tag(cursor),
                              bytes);
    return BP_OK;
}

bp_status bpi_cursor_close(const model_cursor *cursor)
{
    if (cursor->at != cursor->end)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "section %s has %zu bytes too many", bpi_cursor_tag(cursor),
                              cursor->end - cursor->at);
    return BP_OK;
}

bp_status bpi_cursor_u32(model_cursor *cursor, uint32_t *value)
{
    BPI_TRY(need(cursor, 4));
    *value = bpi_get_u32(bpi_cursor_bytes(cursor));
    cursor->at += 4;
    return BP_OK;
}

bp_status bpi_cursor_size(model_cursor *cursor, size_t *value)
{
    BPI_TRY(need(cursor, 8));
    uint64_t wide = bpi_get_u64(bpi_cursor_bytes(cursor));
    if (wide > SIZE_MAX)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "%llu is too large a number for this machine", (unsigned long long)wide);
    *value = (size_t)wide;
    cursor->at += 8;
    return BP_OK;
}

bp_status bpi_cursor_count(model_cursor *cursor, size_t entry_bytes, size_t *count)
{
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_size(cursor, count));
    if (*count > (cursor->end - cursor->at) / entry_bytes)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT,
                              "section %s is too short for %zu entries", bpi_cursor_tag(cursor), *count);
    return BP_OK;
}

bp_status bpi_cursor_skip(model_cursor *cursor, size_t count, size_t entry_bytes)
{
    if (count > (cursor->end - cursor->at) / entry_bytes)
        return bpi_model_fail(cursor->file->source, cursor->at, BP_ERROR_FORMAT,
                              "section %s is too short for %zu entries", bpi_cursor_tag(cursor), count);
    cursor->at += count * entry_bytes;
    return BP_OK;
}

bp_status bpi_cursor_connection(model_cursor *cursor, size_t count, size_t *index)
{
    size_t start = cursor->at;
    BPI_TRY(bpi_cursor_size(cursor, index));
    if (*index >= count)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT,
                              "connection %zu does not exist, there are %zu", *index, count);
    return BP_OK;
}

bp_status bpi_cursor_name(model_cursor *cursor, char name[MODEL_NAME_ROOM])
{
    BPI_TRY(need(cursor, 1));
    size_t start = cursor->at, length = *bpi_cursor_bytes(cursor);
    cursor->at++;
    BPI_TRY(need(cursor, length));
    if (memchr(bpi_cursor_bytes(cursor), '\0', length) != NULL)
        return bpi_model_fail(cursor->file->source, start, BP_ERROR_FORMAT, "a name has a zero byte in it");
    memcpy(name, bpi_cursor_bytes(cursor), length);
    name[length] = '\0';
    cursor->at += length;
    return BP_OK;
}

/* Real number `index` of those that begin at `at`, still as wide as any file has them. */
static double real_at(const model_cursor *cursor, size_t index)
{
    size_t width = cursor->file->real_bytes;
    const unsigned char *bytes = bpi_cursor_bytes(cursor) + index * width;
    return width == 4 ? (double)bpi_get_f32(bytes) : bpi_get_f64(bytes);
}

size_t bpi_cursor_reals(const model_cursor *cursor, bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = real_at(cursor, i);
        if (!bpi_fits_real(value))
            return i;
        values[i] = (bp_real)value;
    }
    return count;
}

bp_status bpi_cursor_fail_number(const model_cursor *cursor, size_t index, const char *what)
{
    double value = real_at(cursor, index);
    return bpi_model_fail(cursor->file->source, cursor->at + index * cursor->file->real_bytes,
                          BP_ERROR_NOT_FINITE, "%s is %s%s", what, bpi_format_real(value).text,
                          isfinite(value) ? ", too large for this library's numbers" : "");
}

bp_status bpi_cursor_blame(const model_cursor *cursor, size_t offset, bp_status status)
{
    if (status == BP_OK || status == BP_ERROR_MEMORY)
        return status;
    char reason[320];
    snprintf(reason, sizeof reason, "%s", bp_error_message() + strlen(BPI_MODEL_BUILDING ": "));
    return bpi_model_fail(cursor->file->source, offset, BP_ERROR_FORMAT, "%s", reason);
}
