#include "base/section_file.h"

#include <string.h>

#include "base/bytes.h"
#include "base/signature.h"

/* ------------------------------------------------------------------------- writing */

/* Appends the checksum of the bytes from `start` on. */
static void put_checksum(byte_sink *sink, size_t start)
{
    bpi_sink_u32(sink, sink->bytes == NULL ? 0 : bpi_crc32(0, sink->bytes + start, sink->used - start));
}

void bpi_section_file_begin(byte_sink *sink, const section_format *format)
{
    bpi_sink_bytes(sink, format->signature, FILE_SIGNATURE_BYTES);
    bpi_sink_u32(sink, format->version);
    bpi_sink_u32(sink, (uint32_t)sizeof(bp_real));
    put_checksum(sink, 0);
}

size_t bpi_section_begin(byte_sink *sink, const section_format *format, size_t section)
{
    size_t start = sink->used;
    bpi_sink_bytes(sink, format->sections[section].tag, SECTION_TAG_BYTES);
    bpi_sink_u64(sink, 0);
    return start;
}

void bpi_section_end(byte_sink *sink, size_t start)
{
    if (sink->bytes != NULL)
        bpi_put_u64(sink->bytes + start + SECTION_TAG_BYTES, sink->used - start - SECTION_HEADER_BYTES);
    put_checksum(sink, start);
}

/* ------------------------------------------------------------------------- reading */

/* FORMAT unless the checksum after bytes start .. end - 1 is theirs. */
static bp_status check_checksum(const byte_source *source, size_t start, size_t end, const char *what)
{
    if (bpi_crc32(0, source->bytes + start, end - start) == bpi_get_u32(source->bytes + end))
        return BP_OK;
    return bpi_source_fail(source, start, BP_ERROR_FORMAT, "the checksum of %s is wrong: the file is damaged",
                           what);
}

static bp_status check_signature(const byte_source *source, const section_format *format)
{
    if (source->size == 0)
        return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a %s file: it is empty", format->name);
    if (source->size >= FILE_SIGNATURE_BYTES &&
        memcmp(source->bytes, format->signature, FILE_SIGNATURE_BYTES) == 0)
        return BP_OK;
    const char *foreign = bpi_foreign_file(source->bytes, source->size);
    if (foreign != NULL)
        return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a %s file, but %s", format->name, foreign);
    return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a %s file, or changed as if it were text",
                           format->name);
}

static bp_status check_header(const byte_source *source, const section_format *format, size_t *real_bytes)
{
    BPI_TRY(check_signature(source, format));
    if (source->size < FILE_HEADER_BYTES)
        return bpi_source_fail(source, source->size, BP_ERROR_FORMAT, "the file ends within its header");
    BPI_TRY(check_checksum(source, 0, FILE_HEADER_BYTES - FILE_CHECKSUM_BYTES, "the header"));
    uint32_t version = bpi_get_u32(source->bytes + FILE_SIGNATURE_BYTES);
    if (version != format->version)
        return bpi_source_fail(source, FILE_SIGNATURE_BYTES, BP_ERROR_VERSION,
                               "format version %lu; this library reads version %lu", (unsigned long)version,
                               (unsigned long)format->version);
    *real_bytes = bpi_get_u32(source->bytes + FILE_SIGNATURE_BYTES + 4);
    if (*real_bytes != 4 && *real_bytes != 8)
        return bpi_source_fail(source, FILE_SIGNATURE_BYTES + 4, BP_ERROR_FORMAT,
                               "numbers of %zu bytes; they must have 4 or 8", *real_bytes);
    return BP_OK;
}

static bool is_capital(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_tag(const unsigned char *tag)
{
    for (int i = 0; i < SECTION_TAG_BYTES; i++)
        if (!is_capital(tag[i]) && !(tag[i] >= 'a' && tag[i] <= 'z'))
            return false;
    return true;
}

/* Checks tag, length and checksum of the section at `at`. */
static bp_status check_section(const byte_source *source, size_t at, section_span *span)
{
    size_t left = source->size - at;
    if (left < SECTION_HEADER_BYTES + FILE_CHECKSUM_BYTES)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT,
                               "%zu bytes are left where a section should begin: the file was cut off", left);
    const unsigned char *tag = source->bytes + at;
    if (!is_tag(tag))
        return bpi_source_fail(source, at, BP_ERROR_FORMAT, "no section begins here: the file is damaged");
    uint64_t length = bpi_get_u64(tag + SECTION_TAG_BYTES);
    left -= SECTION_HEADER_BYTES + FILE_CHECKSUM_BYTES;
    if (length > left)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT,
                               "section %.4s should have %llu bytes, but only %zu are left",
                               (const char *)tag, (unsigned long long)length, left);
    *span = (section_span){true, at + SECTION_HEADER_BYTES, at + SECTION_HEADER_BYTES + (size_t)length};
    char what[] = "section ....";
    memcpy(what + sizeof what - 1 - SECTION_TAG_BYTES, tag, SECTION_TAG_BYTES);
    return check_checksum(source, at, span->end, what);
}

/* format->count if the tag is unknown. */
static size_t find_section(const section_format *format, const unsigned char *tag)
{
    size_t section = 0;
    while (section < format->count && memcmp(format->sections[section].tag, tag, SECTION_TAG_BYTES) != 0)
        section++;
    return section;
}

/* Records the section at `at`. Sections come in a fixed order, each at most once, and only those that are not
 * required may be missing; *expected is the first that may still come. */
static bp_status place_section(section_file *file, size_t at, const section_span *span, size_t *expected)
{
    const section_format *format = file->format;
    const unsigned char *tag = file->source->bytes + at;
    const size_t section = find_section(format, tag);
    if (section == format->count && is_capital(tag[0]))
        return bpi_source_fail(file->source, at, BP_ERROR_VERSION,
                               "section %.4s is needed to use this file, but unknown to this library",
                               (const char *)tag);
    if (section == format->count)
        return BP_OK;
    if (section < *expected)
        return bpi_source_fail(file->source, at, BP_ERROR_FORMAT, "section %.4s comes twice or too late",
                               (const char *)tag);
    for (; *expected < section; ++*expected)
        if (format->sections[*expected].required)
            return bpi_source_fail(file->source, at, BP_ERROR_FORMAT, "section %s should come before %.4s",
                                   format->sections[*expected].tag, (const char *)tag);
    file->sections[section] = *span;
    ++*expected;
    return BP_OK;
}

bp_status bpi_section_file_scan(section_file *file, const section_format *format, const byte_source *source)
{
    *file = (section_file){.format = format, .source = source};
    BPI_TRY(check_header(source, format, &file->real_bytes));
    size_t expected = 0, at = FILE_HEADER_BYTES;
    while (expected < format->count) {
        section_span span;
        BPI_TRY(check_section(source, at, &span));
        BPI_TRY(place_section(file, at, &span, &expected));
        at = span.end + FILE_CHECKSUM_BYTES;
    }
    const section_span *end = &file->sections[format->count - 1];
    if (end->start != end->end)
        return bpi_source_fail(source, end->start, BP_ERROR_FORMAT, "section %s is not empty",
                               format->sections[format->count - 1].tag);
    if (at != source->size)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT, "%zu bytes follow the end of the %s",
                               source->size - at, format->name);
    return BP_OK;
}

section_cursor bpi_section_cursor(const section_file *file, size_t section)
{
    const section_span *span = &file->sections[section];
    return (section_cursor){.source = file->source,
                            .tag = file->format->sections[section].tag,
                            .real_bytes = file->real_bytes,
                            .at = span->start,
                            .end = span->end};
}
