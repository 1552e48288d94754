/* Records and fields of CSV text: delimiters, quotes, line ends. What the fields mean is in csv.c. */
#ifndef BPI_DATA_CSV_READER_H
#define BPI_DATA_CSV_READER_H

#include <stdbool.h>

#include "backprop.h"

typedef struct csv_reader {
    const bp_allocator *allocator; /* borrowed */
    const char *name;              /* of the file, for messages; borrowed */
    char *next, *end;              /* the unread text; *end is '\0' */
    size_t line;                   /* of next, from 1 */
    char delimiter;                /* ' ': any run of blanks */
    bool stops[256];               /* the characters that end a run of plain text */

    /* The record read last: strings inside the text, without quotes and surrounding blanks. */
    size_t record_line; /* the line it begins in */
    char **fields;
    size_t field_count, field_capacity;
} csv_reader;

/* Reads text of `size` bytes, which must be followed by a byte '\0' and is modified: fields are terminated
 * and unquoted in place. Skips a byte order mark of UTF-8. */
void bpi_csv_reader_init(csv_reader *reader, const bp_allocator *allocator, const char *name, char *text,
                         size_t size, char delimiter);
void bpi_csv_reader_clear(csv_reader *reader);

/* Skips lines, without parsing them. */
void bpi_csv_skip_lines(csv_reader *reader, size_t lines);

/* Reads the next record and skips empty lines; *found is false at the end. FORMAT with line and column,
 * MEMORY. */
bp_status bpi_csv_next_record(csv_reader *reader, bool *found);

/* A field for a message: its first characters, control characters replaced. */
typedef struct csv_excerpt {
    char text[36];
} csv_excerpt;
csv_excerpt bpi_csv_excerpt(const char *field);

#endif
