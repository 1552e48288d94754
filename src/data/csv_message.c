#include "data/csv_message.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"

csv_place bpi_csv_place(const csv_reader *reader, size_t line)
{
    csv_place place;
    snprintf(place.text, sizeof place.text, "%.4100s:%zu", reader->input->path, line);
    return place;
}

csv_excerpt bpi_csv_excerpt(const char *field)
{
    enum { KEPT = 32 };
    csv_excerpt excerpt = {{0}};
    size_t length = strlen(field);
    size_t kept = length > KEPT ? KEPT : length;
    while (length > KEPT && kept > 0 && ((unsigned char)field[kept] & 0xc0) == 0x80)
        kept--; /* whole characters of UTF-8 */
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)field[i];
        excerpt.text[i] = c < ' ' || c == 0x7f ? '?' : field[i];
    }
    if (length > KEPT)
        memcpy(excerpt.text + kept, "...", 3);
    return excerpt;
}

/* A delimiter as it is typed. */
typedef struct delimiter_name {
    char text[3];
} delimiter_name;

static delimiter_name name_of(char delimiter)
{
    return delimiter == '\t' ? (delimiter_name){"\\t"} : (delimiter_name){{delimiter}};
}

static size_t count_in(const char *text, char c)
{
    size_t count = 0;
    for (const char *p = strchr(text, c); p != NULL; p = strchr(p + 1, c))
        count += c != ' ' || p[1] != ' ';
    return count;
}

size_t bpi_csv_count_in_fields(const csv_reader *reader, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->field_count; i++)
        count += count_in(reader->fields[i].text, c);
    return count;
}

char bpi_csv_likely_delimiter(const csv_reader *reader, size_t *count)
{
    static const char others[] = ";\t|, "; /* the blank only if there is nothing else */
    char likely = '\0';
    *count = 0;
    for (const char *other = others; *other != '\0'; other++) {
        if (*other == reader->delimiter || *other == reader->point ||
            (*other == ' ' && (*count > 0 || reader->field_count > 1)))
            continue;
        const size_t found = bpi_csv_count_in_fields(reader, *other);
        if (found > *count) {
            *count = found;
            likely = *other;
        }
    }
    return likely;
}

delimiter_hint bpi_csv_delimiter_hint(const csv_reader *reader)
{
    size_t count;
    const char likely = bpi_csv_likely_delimiter(reader, &count);
    delimiter_hint hint = {""};
    if (count > 0)
        snprintf(hint.text, sizeof hint.text, "; should options.delimiter be '%s'?", name_of(likely).text);
    return hint;
}

/* ------------------------------------------------------------------- syntax */

bp_status bpi_csv_fail_here(const csv_reader *reader, const char *reason)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: column %zu: %s", reader->input->path, reader->field_line,
                    reader->field_count + 1, reason);
}

/* A delimiter in other files that stands here, or before the quote or text that is here; else '\0'. */
static char delimiter_here(const csv_reader *reader)
{
    const char here = *reader->next, before = reader->next > reader->buffer ? reader->next[-1] : '\0';
    if (strchr(";\t|,", here) != NULL)
        return here;
    return before != reader->delimiter && strchr(" ;\t|,", before) != NULL ? before : '\0';
}

/* A quote that closes in a later line, with text behind it, was perhaps not meant to. */
static bp_status fail_behind_lines(const csv_reader *reader)
{
    char reason[128];
    snprintf(reason, sizeof reason,
             "the quote that begins here is closed in line %zu, but text follows there; is a quote missing?",
             reader->line);
    return bpi_csv_fail_here(reader, reason);
}

bp_status bpi_csv_fail_at_character(const csv_reader *reader)
{
    if (*reader->next == '\0')
        return bpi_csv_fail_here(reader, "a NUL byte; the file is not text");
    const bool is_quote = *reader->next == '"';
    const char delimiter = delimiter_here(reader);
    const char *what =
        is_quote ? "a quote inside a field that does not begin with one" : "text after the closing quote";
    if (delimiter == '\0')
        return reader->line > reader->field_line ? fail_behind_lines(reader)
                                                 : bpi_csv_fail_here(reader, what);
    char reason[128];
    if (delimiter == *reader->next)
        snprintf(reason, sizeof reason, "'%s' after the closing quote; should options.delimiter be '%s'?",
                 name_of(delimiter).text, name_of(delimiter).text);
    else
        snprintf(reason, sizeof reason, "%s; should options.delimiter be '%s'?", what,
                 name_of(delimiter).text);
    return bpi_csv_fail_here(reader, reason);
}
