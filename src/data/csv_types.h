/* What is known of CSV text while it is read. */
#ifndef BPI_DATA_CSV_TYPES_H
#define BPI_DATA_CSV_TYPES_H

#include <stdbool.h>

#include "base/number.h"
#include "base/read_file.h"

typedef struct csv_field {
    char *text;     /* without quotes and surrounding blanks */
    double value;   /* if is_number */
    bool is_number; /* a plain number, read while its end was looked for; others may be numbers, too */
} csv_field;

typedef struct csv_reader {
    const bp_allocator *allocator; /* borrowed */
    input_file *input;             /* borrowed */
    char delimiter;                /* ' ': any run of blanks */
    char point;                    /* the decimal sign */
    char plain_point;              /* that outside quotes, where it may be the delimiter */
    bool stops[256];               /* the characters that end a run of plain text */
    bool drops_last;               /* the last field of a record is left out if it is empty; else false */

    char *buffer; /* a part of the input, which holds the current record as a whole */
    size_t capacity;
    char *next, *end;  /* its unread text; *end is '\0' */
    char *record_end;  /* of the current record: a line end, or end */
    size_t line;       /* of next, from 1 */
    size_t field_line; /* in which the field that is being read begins */

    /* The record read last. */
    size_t record_line; /* the line it begins in */
    csv_field *fields;
    size_t field_count, field_capacity;
} csv_reader;

#endif
