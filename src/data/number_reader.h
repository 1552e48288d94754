/* Numbers in text that blanks or line ends separate, one by one, in the same memory however long lines are.
 */
#ifndef BPI_DATA_NUMBER_READER_H
#define BPI_DATA_NUMBER_READER_H

#include <stdbool.h>

#include "base/number.h"
#include "base/read_file.h"

typedef struct number_reader {
    const bp_allocator *allocator; /* borrowed */
    input_file *input;             /* borrowed */
    char *buffer;                  /* a part of the input */
    size_t capacity;
    char *next, *end;  /* its unread text; *end is '\0' */
    bool after_return; /* the character before next is a carriage return */
    size_t line;       /* of next, from 1 */

    /* What was read last. */
    const char *text; /* up to a '\0' */
    size_t text_line; /* the line it is in */
    size_t column;    /* its number in that line, from 1 */
} number_reader;

/* Begins to read an input that is at its beginning. Skips a byte order mark of UTF-8. FORMAT for a file of
 * another kind; FILE, MEMORY. The caller clears the reader in any case. */
bp_status bpi_number_reader_init(number_reader *reader, const bp_allocator *allocator, input_file *input);
void bpi_number_reader_clear(number_reader *reader);

/* Back to where bpi_number_reader_init left off. As that. */
bp_status bpi_number_reader_rewind(number_reader *reader);

/* Reads what comes next, up to a blank or line end: a number, if *kind is NUMBER_FINITE. *found is false at
 * the end. FILE. Trusts that the thread's locale is "C". */
bp_status bpi_read_number(number_reader *reader, bool *found, number_kind *kind, double *value);

#endif
