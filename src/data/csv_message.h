/* What messages about CSV text say: place, field, and a hint at the delimiter. */
#ifndef BPI_DATA_CSV_MESSAGE_H
#define BPI_DATA_CSV_MESSAGE_H

#include "data/csv_reader.h"

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

/* The end of a message if the fields of the current record contain another common delimiter; else "". */
typedef struct delimiter_hint {
    char text[40];
} delimiter_hint;
delimiter_hint bpi_csv_delimiter_hint(const csv_reader *reader);

#endif
