#include "data/csv_reader.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/scan_number.h"
#include "base/signature.h"
#include "base/status.h"
#include "data/csv_message.h"

/* Bytes that are read at a time: much more than a line, and less than a cache. */
enum { BLOCK_BYTES = 1 << 18, END_OF_FILE_MARK = 0x1a };
/* A decimal sign that no number has. */
enum { NO_POINT = 1 };

/* ------------------------------------------------------------------ blocks */

static bool is_all_read(const csv_reader *reader)
{
    return reader->input->position == reader->input->size;
}

/* Moves the unread text to the start of the buffer and reads as much as fits behind it. A control-Z at
 * the end of the file is left out. */
static bp_status fill(csv_reader *reader)
{
    size_t kept = (size_t)(reader->end - reader->next);
    memmove(reader->buffer, reader->next, kept);
    reader->next = reader->buffer;
    size_t count = bpi_min(reader->input->size - reader->input->position, reader->capacity - kept);
    reader->end = reader->buffer + kept;
    *reader->end = '\0';
    BPI_TRY(bpi_input_read(reader->input, reader->end, count));
    reader->end += count;
    if (count > 0 && is_all_read(reader) && reader->end[-1] == END_OF_FILE_MARK)
        reader->end--;
    memset(reader->end, 0, SCAN_SLACK);
    reader->record_end = reader->next;
    return BP_OK;
}

/* Makes more unread text available, unless all is read. The buffer grows if it is full. */
static bp_status read_more(csv_reader *reader)
{
    size_t kept = (size_t)(reader->end - reader->next), capacity;
    if (kept < reader->capacity)
        return fill(reader);
    char *buffer = NULL;
    if (bpi_multiply(reader->capacity, 2, &capacity) && capacity < SIZE_MAX - SCAN_SLACK)
        buffer = bpi_allocate(reader->allocator, capacity + SCAN_SLACK, 1);
    if (buffer == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s:%zu: no memory for a line of more than %zu bytes",
                        reader->input->path, reader->line, kept);
    memcpy(buffer, reader->next, kept);
    bpi_release(reader->allocator, reader->buffer);
    reader->buffer = reader->next = buffer;
    reader->capacity = capacity;
    reader->end = buffer + kept;
    return fill(reader);
}

/* Does the text begin with this, of which all must have been read? */
static bool begins_with(const csv_reader *reader, const char *text)
{
    return strncmp(reader->next, text, strlen(text)) == 0;
}

bool bpi_csv_can_delimit(char delimiter)
{
    return delimiter != '\0' && strchr("\r\n\"+-.0123456789eE", delimiter) == NULL;
}

static void set_delimiter(csv_reader *reader, char delimiter)
{
    static const unsigned char stops[] = {'\0', '\n', '\r', '"'};
    memset(reader->stops, 0, sizeof reader->stops);
    for (size_t i = 0; i < sizeof stops; i++)
        reader->stops[stops[i]] = true;
    reader->stops[(unsigned char)delimiter] = true;
    reader->stops['\t'] |= delimiter == ' ';
    reader->delimiter = delimiter;
    reader->plain_point = reader->point;
    if (delimiter == reader->point)
        reader->plain_point = NO_POINT;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

static void skip_line_end(csv_reader *reader)
{
    if (reader->next == reader->end)
        return;
    reader->next += *reader->next == '\r' && reader->next[1] == '\n' ? 2 : 1;
    reader->line++;
}

/* The beginning of a file, which is in the buffer. */
static bp_status begin(csv_reader *reader)
{
    const char *foreign = bpi_foreign_table(reader->next, (size_t)(reader->end - reader->next));
    if (foreign != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %s", reader->input->path, foreign);
    if (begins_with(reader, "\xEF\xBB\xBF"))
        reader->next += 3;
    reader->line = 1;
    if (!begins_with(reader, "sep=") || !bpi_csv_can_delimit(reader->next[4]) ||
        !is_line_end(reader->next[5]))
        return BP_OK;
    set_delimiter(reader, reader->next[4]);
    reader->next += 5;
    skip_line_end(reader);
    return BP_OK;
}

bp_status bpi_csv_reader_init(csv_reader *reader, const bp_allocator *allocator, input_file *input,
                              char delimiter, char point)
{
    *reader = (csv_reader){.allocator = allocator, .input = input, .point = point};
    set_delimiter(reader, delimiter);
    reader->capacity = bpi_min(input->size - input->position, BLOCK_BYTES);
    reader->capacity += reader->capacity == 0;
    reader->buffer = bpi_allocate(allocator, reader->capacity + SCAN_SLACK, 1);
    if (reader->buffer == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a part of the file", input->path);
    reader->next = reader->end = reader->buffer;
    BPI_TRY(fill(reader));
    return begin(reader);
}

bp_status bpi_csv_reader_rewind(csv_reader *reader)
{
    BPI_TRY(bpi_input_rewind(reader->input));
    reader->next = reader->end = reader->buffer;
    BPI_TRY(fill(reader));
    return begin(reader);
}

void bpi_csv_reader_clear(csv_reader *reader)
{
    bpi_release(reader->allocator, reader->buffer);
    bpi_release(reader->allocator, reader->fields);
    reader->buffer = NULL;
    reader->fields = NULL;
}

/* ----------------------------------------------------------------- records */

/* The line end that closes the record at next, if it is in the buffer: the first one that is not in quotes,
 * with all of its characters. */
static char *find_record_end(const csv_reader *reader)
{
    bool in_quotes = false;
    for (char *from = reader->next;;) {
        const size_t left = (size_t)(reader->end - from);
        char *line_end = memchr(from, '\n', left);
        char *stop = line_end == NULL ? reader->end : line_end;
        for (const char *quote = from; (quote = memchr(quote, '"', (size_t)(stop - quote))) != NULL; quote++)
            in_quotes = !in_quotes;
        if (line_end == NULL || !in_quotes)
            return line_end;
        from = line_end + 1;
    }
}

/* Sees to it that the record at next is in the buffer as a whole. Text after lone carriage returns may be
 * there, too. */
static bp_status complete_record(csv_reader *reader)
{
    if (reader->next < reader->record_end)
        return BP_OK;
    while ((reader->record_end = find_record_end(reader)) == NULL && !is_all_read(reader))
        BPI_TRY(read_more(reader));
    if (reader->record_end == NULL)
        reader->record_end = reader->end;
    return BP_OK;
}

bp_status bpi_csv_count_lines(csv_reader *reader, size_t *lines)
{
    bool is_empty = true;
    *lines = 0;
    for (;;) {
        for (; reader->next < reader->end; reader->next++) {
            const bool ends = *reader->next == '\n' || *reader->next == '\r';
            *lines += is_empty && !ends;
            is_empty = ends;
        }
        if (is_all_read(reader))
            return BP_OK;
        BPI_TRY(fill(reader));
    }
}

/* The line end after next, with both of its characters in the buffer if it has two; or the end. */
static bp_status find_line_end(csv_reader *reader, size_t *length)
{
    for (*length = 0;;) {
        const size_t left = (size_t)(reader->end - reader->next);
        while (*length < left && reader->next[*length] != '\n' && reader->next[*length] != '\r')
            ++*length;
        if (*length + 1 < left || is_all_read(reader))
            return BP_OK;
        BPI_TRY(read_more(reader));
    }
}

bp_status bpi_csv_skip_lines(csv_reader *reader, size_t lines)
{
    for (size_t length; lines > 0; lines--) {
        BPI_TRY(find_line_end(reader, &length));
        reader->next += length;
        skip_line_end(reader);
    }
    return BP_OK;
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
    const char c = *reader->next;
    return c == '\n' || c == '\r' || reader->next == reader->end;
}

/* Does a field end here, before blanks perhaps? Else it goes on as text: "4 doors". */
static bool ends_field(const csv_reader *reader, const char *at)
{
    if (reader->delimiter == ' ' && is_blank(reader, *at))
        return true;
    while (is_blank(reader, *at))
        at++;
    return *at == reader->delimiter || *at == '\n' || *at == '\r' || at == reader->end;
}

/* A plain number that is followed by what ends a field; else nothing is read. */
static bool read_number(csv_reader *reader, csv_field *field)
{
    const char *number_end = bpi_scan_number(reader->next, reader->plain_point, &field->value);
    if (number_end == NULL || !ends_field(reader, number_end))
        return false;
    reader->next += number_end - reader->next;
    return true;
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
            return bpi_csv_fail_here(reader, "the quote that begins here is never closed");
        if (*from == '\0')
            return bpi_csv_fail_here(reader, "a NUL byte in quotes; the file is not text");
        if (*from == '"' && *++from != '"')
            break;
        lines += *from == '\n' || (*from == '\r' && from[1] != '\n');
    }
    reader->next = from;
    reader->line += lines;
    *field_end = to;
    return BP_OK;
}

/* The text of a field; *field_end is where it ends. */
static bp_status read_text(csv_reader *reader, csv_field *field, char **field_end)
{
    field->is_number = read_number(reader, field);
    *field_end = reader->next;
    if (field->is_number)
        return BP_OK;
    if (*reader->next == '"')
        return read_quoted(reader, field_end);
    read_plain(reader, field_end);
    return BP_OK;
}

/* What separates a field from the next; *more says whether there is a next one. */
static bp_status read_separator(csv_reader *reader, bool *more)
{
    bool blank_follows = is_blank(reader, *reader->next);
    skip_blanks(reader);
    *more = !at_line_end(reader);
    if (!*more) {
        skip_line_end(reader);
        return BP_OK;
    }
    if (reader->delimiter == ' ' ? !blank_follows : *reader->next != reader->delimiter)
        return bpi_csv_fail_at_character(reader);
    reader->next += reader->delimiter != ' ';
    return BP_OK;
}

/* Reads a field and what separates it from the next. */
static bp_status read_field(csv_reader *reader, csv_field *field, bool *more)
{
    char *field_end;
    skip_blanks(reader);
    field->text = reader->next;
    reader->field_line = reader->line;
    BPI_TRY(read_text(reader, field, &field_end));
    BPI_TRY(read_separator(reader, more));
    *field_end = '\0'; /* only now: it may have been the delimiter or line end */
    return BP_OK;
}

static bp_status grow_fields(csv_reader *reader)
{
    if (bpi_grow(reader->allocator, (void **)&reader->fields, &reader->field_capacity, reader->field_count,
                 sizeof *reader->fields))
        return BP_OK;
    return bpi_fail(BP_ERROR_MEMORY, "%s:%zu: no memory for %zu fields", reader->input->path, reader->line,
                    reader->field_count + 1);
}

/* The fields of a line. Most are numbers that are followed by a delimiter. */
static bp_status read_fields(csv_reader *reader)
{
    const char delimiter = reader->delimiter == ' ' ? '\0' : reader->delimiter;
    for (bool more = true; more; reader->field_count++) {
        if (reader->field_count == reader->field_capacity)
            BPI_TRY(grow_fields(reader));
        csv_field *field = &reader->fields[reader->field_count];
        const char *number_end = bpi_scan_number(reader->next, reader->plain_point, &field->value);
        if (number_end != NULL && *number_end == delimiter && number_end != reader->end) {
            field->text = reader->next;
            field->is_number = true;
            reader->next += number_end - reader->next;
            *reader->next++ = '\0';
        } else
            BPI_TRY(read_field(reader, field, &more));
    }
    return BP_OK;
}

/* Goes to the next line that is not empty; false at the end. */
static bp_status find_record(csv_reader *reader, bool *found)
{
    for (;;) {
        BPI_TRY(complete_record(reader));
        skip_blanks(reader);
        *found = !at_line_end(reader);
        if (*found || (reader->next == reader->end && is_all_read(reader)))
            return BP_OK;
        skip_line_end(reader);
    }
}

bool bpi_csv_ends_in_delimiter(const csv_reader *reader, size_t fields)
{
    return reader->field_count > 1 && reader->field_count - 1 == fields &&
           *reader->fields[fields].text == '\0';
}

bp_status bpi_csv_next_record(csv_reader *reader, bool *found)
{
    reader->field_count = 0;
    BPI_TRY(find_record(reader, found));
    reader->record_line = reader->line;
    if (!*found)
        return BP_OK;
    BPI_TRY(read_fields(reader));
    if (reader->drops_last && bpi_csv_ends_in_delimiter(reader, reader->field_count - 1))
        reader->field_count--;
    return BP_OK;
}

bool bpi_csv_is_at_end(const csv_reader *reader)
{
    return reader->next == reader->end && is_all_read(reader);
}

/* A number that is not short: as text, which ends where `stops` says. NULL if it is none. */
static const char *parse_number(csv_reader *reader, const char *text, double *value)
{
    char *stop = reader->next + (text - reader->next);
    while (!reader->stops[(unsigned char)*stop])
        stop++;
    const char kept = *stop;
    *stop = '\0';
    const number_kind kind = reader->point == '.' ? bpi_parse_number(text, value) : NUMBER_NONE;
    *stop = kept;
    return kind == NUMBER_FINITE ? stop : NULL;
}

/* A number of one or two digits before a delimiter. NULL if it is another; where these are rare, it never
 * gets beyond the first branch, which is then well predicted. */
static inline const char *scan_small(const char *text, char delimiter, double *value)
{
    if (text[1] != delimiter && text[2] != delimiter)
        return NULL;
    const unsigned first = (unsigned)(unsigned char)text[0] - '0';
    const unsigned second = (unsigned)(unsigned char)text[1] - '0';
    if (first > 9 || (text[1] != delimiter && second > 9))
        return NULL;
    *value = text[1] == delimiter ? first : 10 * first + second;
    return text + (text[1] == delimiter ? 1 : 2);
}

/* Reads numbers up to a line end; at the end of the buffer the last one may be cut off. */
static bool read_numbers(csv_reader *reader, size_t count, bp_real *numbers)
{
    const char delimiter = reader->delimiter, point = reader->plain_point;
    const char *next = reader->next;
    double value;
    for (size_t i = 0; i < count; i++) {
        const char *number_end = scan_small(next, delimiter, &value);
        if (number_end == NULL)
            number_end = bpi_scan_number(next, point, &value);
        if (number_end == NULL)
            number_end = parse_number(reader, next, &value);
        if (number_end == NULL || (*number_end != delimiter && i + 1 < count))
            return false;
        numbers[i] = (bp_real)value;
        next = number_end + 1;
    }
    const char *line_end = next - 1;
    const bool is_end = line_end == reader->end && is_all_read(reader);
    if (!is_end && *line_end != '\n' && (*line_end != '\r' || line_end[1] != '\n'))
        return false;
    reader->next += line_end - reader->next;
    skip_line_end(reader);
    return true;
}

bp_status bpi_csv_read_numbers(csv_reader *reader, size_t count, bp_real *numbers, bool *is_read)
{
    *is_read = read_numbers(reader, count, numbers);
    if (*is_read || reader->next < reader->record_end)
        return BP_OK;
    BPI_TRY(complete_record(reader));
    *is_read = read_numbers(reader, count, numbers);
    return BP_OK;
}
