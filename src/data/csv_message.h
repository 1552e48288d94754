/* What messages about CSV text say: place, field, a hint at the delimiter, and what no table has. */
#ifndef BPI_DATA_CSV_MESSAGE_H
#define BPI_DATA_CSV_MESSAGE_H

#include "data/csv_types.h"

/* "data.csv:3". The longest path that a system opens is whole. */
typedef struct csv_place {
    char text[4128];
} csv_place;
csv_place bpi_csv_place(const csv_reader *reader, size_t line);

/* The first characters of a field, control characters replaced. */
typedef struct csv_excerpt {
    char text[36];
} csv_excerpt;
csv_excerpt bpi_csv_excerpt(const char *field);

/* The common delimiter, other than the reader's and its decimal sign, that most often is in the fields of the
 * current record;
 * '\0': none. A blank only where the record is a single field. *count says how often. */
char bpi_csv_likely_delimiter(const csv_reader *reader, size_t *count);

/* How often a character is in the fields of the current record; a run of blanks counts once. */
size_t bpi_csv_count_in_fields(const csv_reader *reader, char c);

/* The end of a message that names the likely delimiter; "" if there is none. */
typedef struct delimiter_hint {
    char text[80];
} delimiter_hint;
delimiter_hint bpi_csv_delimiter_hint(const csv_reader *reader);

/* FORMAT at the field that the reader is in. */
bp_status bpi_csv_fail_here(const csv_reader *reader, const char *reason);

/* FORMAT at the character that the reader has reached, which neither belongs to a field nor ends it. */
bp_status bpi_csv_fail_at_character(const csv_reader *reader);

#endif
