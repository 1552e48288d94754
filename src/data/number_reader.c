#include "data/number_reader.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/scan_number.h"
#include "base/signature.h"
#include "base/status.h"

/* Bytes that are read at a time. No number is as long. */
enum { BLOCK_BYTES = 1 << 16 };

/* ------------------------------------------------------------------- blocks */

static bool is_all_read(const number_reader *reader)
{
    return reader->input->position == reader->input->size;
}

/* Moves the unread text to the start of the buffer and reads as much as fits behind it. */
static bp_status fill(number_reader *reader)
{
    const size_t kept = (size_t)(reader->end - reader->next);
    const size_t count = bpi_min(reader->input->size - reader->input->position, reader->capacity - kept);
    memmove(reader->buffer, reader->next, kept);
    reader->next = reader->buffer;
    reader->end = reader->buffer + kept;
    *reader->end = '\0';
    BPI_TRY(bpi_input_read(reader->input, reader->end, count));
    reader->end += count;
    memset(reader->end, 0, SCAN_SLACK);
    return BP_OK;
}

static bp_status begin(number_reader *reader)
{
    static const char mark[] = "\xEF\xBB\xBF";
    reader->next = reader->end = reader->buffer;
    reader->after_return = false;
    reader->line = 1;
    reader->text_line = reader->column = 0;
    BPI_TRY(fill(reader));
    const char *foreign = bpi_foreign_table(reader->next, (size_t)(reader->end - reader->next));
    if (foreign != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %s", reader->input->path, foreign);
    if (strncmp(reader->next, mark, 3) == 0)
        reader->next += 3;
    return BP_OK;
}

bp_status bpi_number_reader_init(number_reader *reader, const bp_allocator *allocator, input_file *input)
{
    *reader = (number_reader){.allocator = allocator, .input = input};
    reader->capacity = bpi_min(input->size - input->position, BLOCK_BYTES);
    reader->buffer = bpi_allocate(allocator, reader->capacity + SCAN_SLACK, 1);
    if (reader->buffer == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a part of the file", input->path);
    return begin(reader);
}

void bpi_number_reader_clear(number_reader *reader)
{
    if (reader->buffer != NULL)
        bpi_release(reader->allocator, reader->buffer);
    reader->buffer = NULL;
}

bp_status bpi_number_reader_rewind(number_reader *reader)
{
    BPI_TRY(bpi_input_rewind(reader->input));
    return begin(reader);
}

/* ------------------------------------------------------------------ numbers */

/* As in C's isspace. */
static bool is_separator(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Goes over a separator; a carriage return and a line feed end one line. */
static void pass(number_reader *reader)
{
    const char c = *reader->next++;
    reader->line += c == '\r' || (c == '\n' && !reader->after_return);
    reader->after_return = c == '\r';
}

/* Goes to what comes next; at the end that is nothing. */
static bp_status skip_separators(number_reader *reader)
{
    for (;;) {
        while (reader->next < reader->end && is_separator(*reader->next))
            pass(reader);
        if (reader->next < reader->end || is_all_read(reader))
            return BP_OK;
        BPI_TRY(fill(reader));
    }
}

/* The end of the text at next, which is then in the buffer as a whole, unless it is longer than that. */
static bp_status find_end(number_reader *reader, char **text_end)
{
    size_t length = 0;
    for (;;) {
        while (reader->next + length < reader->end && !is_separator(reader->next[length]))
            length++;
        *text_end = reader->next + length;
        if (*text_end < reader->end || is_all_read(reader) || length == reader->capacity)
            return BP_OK;
        BPI_TRY(fill(reader));
    }
}

/* A '\0' takes the place of the separator, which is passed over. */
static void take(number_reader *reader, char *text_end)
{
    reader->column = reader->line == reader->text_line ? reader->column + 1 : 1;
    reader->text_line = reader->line;
    reader->text = reader->next;
    reader->next = text_end;
    reader->after_return = false;
    if (text_end < reader->end)
        pass(reader);
    *text_end = '\0';
}

bp_status bpi_read_number(number_reader *reader, bool *found, number_kind *kind, double *value)
{
    BPI_TRY(skip_separators(reader));
    *found = reader->next < reader->end;
    if (!*found)
        return BP_OK;
    const char *number_end = bpi_scan_number(reader->next, '.', value);
    if (number_end != NULL && number_end < reader->end && is_separator(*number_end)) {
        take(reader, reader->next + (number_end - reader->next));
        *kind = NUMBER_FINITE;
        return BP_OK;
    }
    char *text_end;
    BPI_TRY(find_end(reader, &text_end));
    take(reader, text_end);
    const bool is_whole = text_end < reader->end || is_all_read(reader);
    const bool has_nul = reader->text + strlen(reader->text) < text_end;
    *kind = is_whole && !has_nul ? bpi_parse_number(reader->text, value) : NUMBER_NONE;
    return BP_OK;
}
