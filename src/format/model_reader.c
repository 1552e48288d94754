#include "format/model_reader.h"

#include <string.h>

#include "base/bytes.h"
#include "base/signature.h"

const section_kind bpi_model_sections[SECTION_COUNT] = {
    [SECTION_LAYERS] = {"LAYR", true},
    [SECTION_CONNECTIONS] = {"CONN", true},
    [SECTION_DELAYED] = {"DELY", false},
    [SECTION_KINDS] = {"KIND", false},
    [SECTION_OUTPUTS] = {"OUTP", true},
    [SECTION_SHARED] = {"SHAR", false},
    [SECTION_STATES] = {"STAT", false},
    [SECTION_UNROLLED] = {"UNRL", false},
    [SECTION_INPUT_SCALING] = {"INSC", false},
    [SECTION_TARGET_SCALING] = {"TGSC", false},
    [SECTION_WEIGHTS] = {"WGHT", true},
    [SECTION_TRAINING] = {"trng", false},
    [SECTION_SCHEMA] = {"schm", false},
    [SECTION_METADATA] = {"meta", false},
    [SECTION_END] = {"ENDF", true},
};

/* FORMAT unless the checksum after bytes start .. end - 1 is theirs. */
static bp_status check_checksum(const byte_source *source, size_t start, size_t end, const char *what)
{
    if (bpi_crc32(0, source->bytes + start, end - start) == bpi_get_u32(source->bytes + end))
        return BP_OK;
    return bpi_source_fail(source, start, BP_ERROR_FORMAT, "the checksum of %s is wrong: the file is damaged",
                           what);
}

static bp_status check_header(const byte_source *source, size_t *real_bytes)
{
    const char *foreign = bpi_foreign_file(source->bytes, source->size);
    if (foreign != NULL)
        return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a model file, but %s", foreign);
    if (source->size == 0)
        return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a model file: it is empty");
    if (source->size < MODEL_SIGNATURE_BYTES ||
        memcmp(source->bytes, BPI_MODEL_SIGNATURE, MODEL_SIGNATURE_BYTES) != 0)
        return bpi_source_fail(source, 0, BP_ERROR_FORMAT, "not a model file, or changed as if it were text");
    if (source->size < MODEL_HEADER_BYTES)
        return bpi_source_fail(source, source->size, BP_ERROR_FORMAT, "the file ends within its header");
    BPI_TRY(check_checksum(source, 0, MODEL_HEADER_BYTES - MODEL_CHECKSUM_BYTES, "the header"));
    uint32_t version = bpi_get_u32(source->bytes + MODEL_SIGNATURE_BYTES);
    if (version != MODEL_VERSION)
        return bpi_source_fail(source, MODEL_SIGNATURE_BYTES, BP_ERROR_VERSION,
                               "format version %lu; this library reads version %d", (unsigned long)version,
                               MODEL_VERSION);
    *real_bytes = bpi_get_u32(source->bytes + MODEL_SIGNATURE_BYTES + 4);
    if (*real_bytes != 4 && *real_bytes != 8)
        return bpi_source_fail(source, MODEL_SIGNATURE_BYTES + 4, BP_ERROR_FORMAT,
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
    if (left < SECTION_HEADER_BYTES + MODEL_CHECKSUM_BYTES)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT,
                               "%zu bytes are left where a section should begin: the file was cut off", left);
    const unsigned char *tag = source->bytes + at;
    if (!is_tag(tag))
        return bpi_source_fail(source, at, BP_ERROR_FORMAT, "no section begins here: the file is damaged");
    uint64_t length = bpi_get_u64(tag + SECTION_TAG_BYTES);
    left -= SECTION_HEADER_BYTES + MODEL_CHECKSUM_BYTES;
    if (length > left)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT,
                               "section %.4s should have %llu bytes, but only %zu are left",
                               (const char *)tag, (unsigned long long)length, left);
    *span = (section_span){true, at + SECTION_HEADER_BYTES, at + SECTION_HEADER_BYTES + (size_t)length};
    char what[] = "section ....";
    memcpy(what + sizeof what - 1 - SECTION_TAG_BYTES, tag, SECTION_TAG_BYTES);
    return check_checksum(source, at, span->end, what);
}

/* SECTION_COUNT if the tag is unknown. */
static enum model_section find_section(const unsigned char *tag)
{
    enum model_section section = SECTION_LAYERS;
    while (section < SECTION_COUNT && memcmp(bpi_model_sections[section].tag, tag, SECTION_TAG_BYTES) != 0)
        section++;
    return section;
}

/* Records the section at `at`. Sections come in a fixed order, each at most once, and only those that are not
 * required may be missing; *expected is the first that may still come. */
static bp_status place_section(model_file *file, size_t at, const section_span *span,
                               enum model_section *expected)
{
    const unsigned char *tag = file->source->bytes + at;
    enum model_section section = find_section(tag);
    if (section == SECTION_COUNT && is_capital(tag[0]))
        return bpi_source_fail(file->source, at, BP_ERROR_VERSION,
                               "section %.4s is needed to use this file, but unknown to this library",
                               (const char *)tag);
    if (section == SECTION_COUNT)
        return BP_OK;
    if (section < *expected)
        return bpi_source_fail(file->source, at, BP_ERROR_FORMAT, "section %.4s comes twice or too late",
                               (const char *)tag);
    for (; *expected < section; ++*expected)
        if (bpi_model_sections[*expected].required)
            return bpi_source_fail(file->source, at, BP_ERROR_FORMAT, "section %s should come before %.4s",
                                   bpi_model_sections[*expected].tag, (const char *)tag);
    file->sections[section] = *span;
    ++*expected;
    return BP_OK;
}

bp_status bpi_model_scan(model_file *file, const byte_source *source)
{
    *file = (model_file){.source = source};
    BPI_TRY(check_header(source, &file->real_bytes));
    enum model_section expected = SECTION_LAYERS;
    size_t at = MODEL_HEADER_BYTES;
    while (expected < SECTION_COUNT) {
        section_span span;
        BPI_TRY(check_section(source, at, &span));
        BPI_TRY(place_section(file, at, &span, &expected));
        at = span.end + MODEL_CHECKSUM_BYTES;
    }
    const section_span *end = &file->sections[SECTION_END];
    if (end->start != end->end)
        return bpi_source_fail(source, end->start, BP_ERROR_FORMAT, "section %s is not empty",
                               bpi_model_sections[SECTION_END].tag);
    if (at != source->size)
        return bpi_source_fail(source, at, BP_ERROR_FORMAT, "%zu bytes follow the end of the model",
                               source->size - at);
    return BP_OK;
}

section_cursor bpi_model_cursor(const model_file *file, enum model_section section)
{
    const section_span *span = &file->sections[section];
    return (section_cursor){.source = file->source,
                            .tag = bpi_model_sections[section].tag,
                            .real_bytes = file->real_bytes,
                            .at = span->start,
                            .end = span->end};
}
