#include "data/csv_reader.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

void bpi_csv_reader_init(csv_reader *reader, const bp_allocator *allocator, const char *name, char *text,
                         size_t size, char delimiter)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    *reader = (csv_reader){.allocator = allocator, .name = name, .line = 1, .delimiter = delimiter};
    bool marked = strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0;
    reader->next = text + (marked ? strlen(byte_order_mark) : 0);
    reader->end = text + size;
    static const unsigned char stops[] = {'\0', '\n', '\r', '"'};
    for (size_t i = 0; i < sizeof stops; i++)
        reader->stops[stops[i]] = true;
    reader->stops[(unsigned char)delimiter] = true;
    if (delimiter == ' ')
        reader->stops['\t'] = true;
}

void bpi_csv_reader_clear(csv_reader *reader)
{
    bpi_release(reader->allocator, reader->fields);
    reader->fields = NULL;
}

void bpi_csv_skip_lines(csv_reader *reader, size_t lines)
{
    for (; lines > 0 && reader->next < reader->end; lines--) {
        char *newline = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
        reader->next = newline == NULL ? reader->end : newline + 1;
        reader->line++;
    }
}

csv_excerpt bpi_csv_excerpt(const char *field)
{
    enum { KEPT = 32 };
    csv_excerpt excerpt = {{0}};
    size_t length = strlen(field);
    size_t kept = length > KEPT ? KEPT : length;
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)field[i];
        excerpt.text[i] = c < ' ' || c == 0x7f ? '?' : field[i];
    }
    if (length > KEPT)
        memcpy(excerpt.text + kept, "...", 3);
    return excerpt;
}

/* ----------------------------------------------------------------- failures */

/* FORMAT at the field that is being read. */
static bp_status fail_here(const csv_reader *reader, const char *reason)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: column %zu: %s", reader->name, reader->line,
                    reader->field_count + 1, reason);
}

/* FORMAT at a character after a closing quote that is a delimiter in other files. */
static bp_status fail_at_delimiter(const csv_reader *reader)
{
    char reason[96], name[3] = {*reader->next};
    if (*reader->next == '\t')
        memcpy(name, "\\t", 2);
    snprintf(reason, sizeof reason, "'%s' after the closing quote; should options.delimiter be '%s'?", name,
             name);
    return fail_here(reader, reason);
}

/* FORMAT at a character that neither belongs to a field nor ends it. */
static bp_status fail_at_character(const csv_reader *reader)
{
    switch (*reader->next) {
    case '\0':
        return fail_here(reader, "a NUL byte; the file is not text");
    case '\r':
        return fail_here(reader, "a carriage return without a line feed");
    case '"':
        return fail_here(reader, "a quote inside a field that does not begin with one");
    case ';':
    case '\t':
    case '|':
    case ',':
        return fail_at_delimiter(reader);
    default:
        return fail_here(reader, "text after the closing quote");
    }
}

/* ------------------------------------------------------------------- fields */

static bool is_blank(const csv_reader *reader, char c)
{
    return c == ' ' || (c == '\t' && reader->delimiter != '\t');
}

static void skip_blanks(csv_reader *reader)
{
    while (is_blank(reader, *reader->next))
        reader->next++;
}

static bool at_line_end(const csv_reader *reader)
{
    const char *next = reader->next;
    return next == reader->end || *next == '\n' || (*next == '\r' && next[1] == '\n');
}

static void skip_line_end(csv_reader *reader)
{
    if (reader->next == reader->end)
        return;
    reader->next += *reader->next == '\r' ? 2 : 1;
    reader->line++;
}

/* A field up to the next delimiter or line end; *field_end is where its text ends. */
static void read_plain(csv_reader *reader, char **field_end)
{
    const char *field = reader->next;
    while (!reader->stops[(unsigned char)*reader->next])
        reader->next++;
    char *last = reader->next;
    while (last > field && is_blank(reader, last[-1]))
        last--;
    *field_end = last;
}

/* A field in quotes, from which each "" is made one quote. Line ends belong to it. */
static bp_status read_quoted(csv_reader *reader, char **field_end)
{
    char *to = reader->next;
    char *from = reader->next + 1;
    size_t lines = 0;
    for (;; *to++ = *from++) {
        if (from == reader->end)
            return fail_here(reader, "the quote that begins here is never closed");
        if (*from == '\0')
            return fail_here(reader, "a NUL byte in quotes; the file is not text");
        if (*from == '"' && *++from != '"')
            break;
        lines += *from == '\n';
    }
    reader->next = from;
    reader->line += lines;
    *field_end = to;
    return BP_OK;
}

/* Reads a field and what separates it from the next; *more says whether there is a next one. */
static bp_status read_field(csv_reader *reader, bool *more)
{
    skip_blanks(reader);
    char *field = reader->next, *field_end = field;
    if (*field == '"')
        BPI_TRY(read_quoted(reader, &field_end));
    else
        read_plain(reader, &field_end);

    bool blank_follows = is_blank(reader, *reader->next);
    skip_blanks(reader);
    *more = false;
    if (!at_line_end(reader)) {
        if (reader->delimiter == ' ' ? !blank_follows : *reader->next != reader->delimiter)
            return fail_at_character(reader);
        reader->next += reader->delimiter != ' ';
        *more = true;
    }
    if (!bpi_grow(reader->allocator, (void **)&reader->fields, &reader->field_capacity, reader->field_count,
                  sizeof *reader->fields))
        return bpi_fail(BP_ERROR_MEMORY, "%s:%zu: no memory for %zu fields", reader->name, reader->line,
                        reader->field_count + 1);
    reader->fields[reader->field_count++] = field;
    if (!*more)
        skip_line_end(reader);
    *field_end = '\0'; /* only now: it may have been the delimiter or line end */
    return BP_OK;
}

bp_status bpi_csv_next_record(csv_reader *reader, bool *found)
{
    skip_blanks(reader);
    while (reader->next < reader->end && at_line_end(reader)) {
        skip_line_end(reader);
        skip_blanks(reader);
    }
    *found = reader->next < reader->end;
    reader->field_count = 0;
    reader->record_line = reader->line;
    for (bool more = *found; more;)
        BPI_TRY(read_field(reader, &more));
    return BP_OK;
}
