/*
 * A magic number, a version of two bytes, the length of a text in 2 bytes (version 1) or 4 (2 and 3),
 * little-endian, and the text, a dictionary as Python writes it:
 *
 *     {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
 */
#include "data/npy_header.h"

#include <string.h>

#include "base/memory.h"
#include "base/signature.h"
#include "base/status.h"
#include "data/csv_message.h"

/* NumPy itself refuses longer ones. */
enum { MAX_TEXT = 10000, MAX_VALUE = 16 };

/* The text of a header, and the place that is read next. */
typedef struct header_text {
    const input_file *file;
    size_t first; /* the byte of the file that the text begins at */
    char text[MAX_TEXT + 1];
    size_t at;
} header_text;

/* ------------------------------------------------------------------------- tokens */

static bp_status fail_at(const header_text *header, size_t at, const char *what)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: %s at '%s' in the header", header->file->path,
                    header->first + at, what, bpi_csv_excerpt(header->text + at).text);
}

/* The next character that is no blank. */
static char peek(header_text *header)
{
    header->at += strspn(header->text + header->at, " \t\n\r");
    return header->text[header->at];
}

/* Is this the next character? Then it is read. */
static bool takes(header_text *header, char c)
{
    if (peek(header) != c)
        return false;
    header->at++;
    return true;
}

static bp_status expect(header_text *header, char c)
{
    if (takes(header, c))
        return BP_OK;
    const char what[] = {'n', 'o', ' ', '\'', c, '\'', '\0'};
    return fail_at(header, header->at, what);
}

/* A text in quotes, of either kind; what is longer than any that has a meaning is refused. */
static bp_status read_string(header_text *header, char value[MAX_VALUE])
{
    const char quote = peek(header);
    const size_t at = header->at;
    if (quote != '\'' && quote != '"')
        return fail_at(header, at, "no text in quotes");
    const char *from = header->text + at + 1, *end = strchr(from, quote);
    if (end == NULL || end - from >= MAX_VALUE)
        return fail_at(header, at, "an unknown text");
    memcpy(value, from, (size_t)(end - from));
    value[end - from] = '\0';
    header->at = (size_t)(end + 1 - header->text);
    return BP_OK;
}

/* Is this word next? Then it is read. */
static bool takes_word(header_text *header, const char *word)
{
    peek(header);
    if (strncmp(header->text + header->at, word, strlen(word)) != 0)
        return false;
    header->at += strlen(word);
    return true;
}

/* ------------------------------------------------------------------------- values */

static bool find_kind(const char *code, element_type *type)
{
    static const struct {
        const char *code;
        element_kind kind;
        size_t size;
    } types[] = {
        {"b1", ELEMENT_TRUTH_VALUE, 1}, {"u1", ELEMENT_UNSIGNED, 1}, {"u2", ELEMENT_UNSIGNED, 2},
        {"u4", ELEMENT_UNSIGNED, 4},    {"u8", ELEMENT_UNSIGNED, 8}, {"i1", ELEMENT_SIGNED, 1},
        {"i2", ELEMENT_SIGNED, 2},      {"i4", ELEMENT_SIGNED, 4},   {"i8", ELEMENT_SIGNED, 8},
        {"f2", ELEMENT_FLOAT, 2},       {"f4", ELEMENT_FLOAT, 4},    {"f8", ELEMENT_FLOAT, 8},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].code, code) == 0) {
            type->kind = types[i].kind;
            type->size = types[i].size;
            return true;
        }
    return false;
}

static bp_status read_type(header_text *header, array_header *found)
{
    char code[MAX_VALUE];
    if (peek(header) == '[')
        return fail_at(header, header->at, "a structured array, which has no plain numbers,");
    const size_t at = header->at;
    BPI_TRY(read_string(header, code));
    found->type.is_little_endian = code[0] == '<';
    const bool has_order = code[0] != '\0' && strchr("<>|", code[0]) != NULL;
    if (!has_order || !find_kind(code + 1, &found->type) || (code[0] == '|' && found->type.size > 1))
        return fail_at(header, at, "an element type that is not bool, int, uint or float of up to 64 bits");
    return BP_OK;
}

static bp_status read_order(header_text *header, array_header *found)
{
    found->is_fortran = takes_word(header, "True");
    if (found->is_fortran || takes_word(header, "False"))
        return BP_OK;
    return fail_at(header, header->at, "neither True nor False");
}

static bp_status read_length(header_text *header, size_t *length)
{
    const size_t at = header->at;
    *length = 0;
    for (; header->text[header->at] >= '0' && header->text[header->at] <= '9'; header->at++)
        if (!bpi_multiply(*length, 10, length) ||
            !bpi_add(*length, (size_t)(header->text[header->at] - '0'), length))
            return fail_at(header, at, "a dimension that is too large");
    if (header->at == at)
        return fail_at(header, at, "no dimension");
    if (header->text[header->at] == 'L') /* of Python 2 */
        header->at++;
    return *length > 0 ? BP_OK : fail_at(header, at, "a dimension that is 0");
}

static bp_status read_shape(header_text *header, array_header *found)
{
    BPI_TRY(expect(header, '('));
    const size_t at = header->at - 1;
    found->dimensions = 0;
    found->width = 1;
    while (peek(header) != ')') {
        size_t length;
        if (found->dimensions == ARRAY_MAX_DIMENSIONS)
            return fail_at(header, header->at, "one dimension too many");
        BPI_TRY(read_length(header, &length));
        if (found->dimensions > 0 && !bpi_multiply(found->width, length, &found->width))
            return fail_at(header, at, "dimensions that are too large together");
        found->shape[found->dimensions++] = length;
        if (!takes(header, ','))
            break;
    }
    BPI_TRY(expect(header, ')'));
    if (found->dimensions == 0)
        return fail_at(header, at, "a single number, and no cases,");
    found->cases = found->shape[0];
    return BP_OK;
}

/* ------------------------------------------------------------------------- the text */

enum { HAS_TYPE = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

/* One key with its value; *keys are those that came. */
static bp_status read_entry(header_text *header, array_header *found, int *keys)
{
    static const struct {
        const char *name;
        int key;
    } names[] = {{"descr", HAS_TYPE}, {"fortran_order", HAS_ORDER}, {"shape", HAS_SHAPE}};
    char name[MAX_VALUE];
    int key = 0;
    peek(header);
    const size_t at = header->at;
    BPI_TRY(read_string(header, name));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        key |= strcmp(names[i].name, name) == 0 ? names[i].key : 0;
    if (key == 0 || (*keys & key) != 0)
        return fail_at(header, at, key == 0 ? "an unknown key" : "a key for the second time");
    *keys |= key;
    BPI_TRY(expect(header, ':'));
    if (key == HAS_TYPE)
        return read_type(header, found);
    return key == HAS_ORDER ? read_order(header, found) : read_shape(header, found);
}

static bp_status parse(header_text *header, array_header *found)
{
    int keys = 0;
    BPI_TRY(expect(header, '{'));
    while (peek(header) != '}') {
        BPI_TRY(read_entry(header, found, &keys));
        if (!takes(header, ','))
            break;
    }
    BPI_TRY(expect(header, '}'));
    if (keys != HAS_ALL)
        return fail_at(header, header->at - 1, "not all of descr, fortran_order and shape");
    return peek(header) == '\0' ? BP_OK : fail_at(header, header->at, "more than a dictionary");
}

/* ------------------------------------------------------------------------- the bytes */

static bp_status read_bytes(input_file *file, void *bytes, size_t count, const char *what)
{
    if (file->size - file->position < count)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte %zu: the file ends within %s", file->path, file->size,
                        what);
    return bpi_input_read(file, bytes, count);
}

static bp_status read_magic(input_file *file, unsigned char *version)
{
    static const unsigned char magic[] = "\x93NUMPY";
    unsigned char bytes[8];
    BPI_TRY(read_bytes(file, bytes, 4, "the magic number"));
    const char *foreign = bpi_foreign_file(bytes, 4);
    if (foreign != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 0: %s", file->path, foreign);
    BPI_TRY(read_bytes(file, bytes + 4, 4, "the magic number"));
    if (memcmp(bytes, magic, 6) != 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 0: not a .npy file, which begins with \\x93NUMPY",
                        file->path);
    *version = bytes[6];
    if (*version >= 1 && *version <= 3 && bytes[7] == 0)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: byte 6: version %d.%d of the format; this library reads 1.0, 2.0 and 3.0",
                    file->path, bytes[6], bytes[7]);
}

bp_status bpi_npy_read_header(input_file *file, array_header *header)
{
    unsigned char version = 0, bytes[4] = {0};
    header_text text = {.file = file};
    BPI_TRY(read_magic(file, &version));
    BPI_TRY(read_bytes(file, bytes, version == 1 ? 2 : 4, "the length of the header"));
    const size_t length = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
    if (length > MAX_TEXT)
        return bpi_fail(BP_ERROR_FORMAT, "%s: byte 8: a header of %zu bytes; it may have %d", file->path,
                        length, MAX_TEXT);
    text.first = file->position;
    BPI_TRY(read_bytes(file, text.text, length, "the header"));
    text.text[length] = '\0';
    *header = (array_header){.first = file->position};
    BPI_TRY(parse(&text, header));
    return bpi_check_length(file, text.first, header->type, header->cases, header->width);
}
