#include "data/csv_message.h"

#include <stdio.h>
#include <string.h>

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

static size_t count_in_fields(const csv_reader *reader, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->field_count; i++)
        for (const char *p = strchr(reader->fields[i].text, c); p != NULL; p = strchr(p + 1, c))
            count++;
    return count;
}

delimiter_hint bpi_csv_delimiter_hint(const csv_reader *reader)
{
    static const char others[] = ";\t|,";
    size_t most = 0;
    char likely = '\0';
    for (const char *other = others; *other != '\0'; other++) {
        size_t count = *other == reader->delimiter ? 0 : count_in_fields(reader, *other);
        if (count > most) {
            most = count;
            likely = *other;
        }
    }
    delimiter_hint hint = {""};
    if (most > 0)
        snprintf(hint.text, sizeof hint.text, "; should options.delimiter be '%s'?",
                 likely == '\t' ? "\\t" : (const char[]){likely, '\0'});
    return hint;
}
