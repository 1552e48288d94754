/* Tables of names and numbers in text, aligned for a font of fixed width. */
#ifndef BPI_BASE_TEXT_TABLE_H
#define BPI_BASE_TEXT_TABLE_H

#include "base/text_sink.h"

/* A name or number as it is written, with a final 0. */
typedef struct table_cell {
    char text[128];
    size_t width; /* in characters of UTF-8, which `text` has room for */
} table_cell;

/* names[index], or the index if there is none; of more than `most` characters, at most 24, the last are dots.
 * Control characters become blanks. */
table_cell bpi_table_name(const char *const *names, size_t index, size_t most);
table_cell bpi_table_text(const char *text);

/* "-" for NaN. A share of 0..1 with three decimals; an integer with all digits; others with some digits. */
table_cell bpi_table_share(double value);
table_cell bpi_table_count(double value);
table_cell bpi_table_number(double value, int digits);

/* Writes a cell to the left of `width` characters, or, after two blanks, to the right of them. */
void bpi_table_left(text_sink *sink, const table_cell *cell, size_t width);
void bpi_table_right(text_sink *sink, const table_cell *cell, size_t width);

#endif
