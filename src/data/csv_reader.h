/* Records and fields of CSV text: delimiters, quotes, line ends. What the fields mean is said elsewhere. */
#ifndef BPI_DATA_CSV_READER_H
#define BPI_DATA_CSV_READER_H

#include "data/csv_types.h"

/*
 * Begins to read an input that is at its beginning. Skips a byte order mark of UTF-8. A first line "sep=;",
 * which spreadsheets write, sets the delimiter. If that is the decimal sign, too, only numbers in quotes have
 * one. FORMAT for a file that is no table; FILE, MEMORY. The caller clears the reader in any case.
 */
bp_status bpi_csv_reader_init(csv_reader *reader, const bp_allocator *allocator, input_file *input,
                              char delimiter, char point);
void bpi_csv_reader_clear(csv_reader *reader);

/* Back to where bpi_csv_reader_init left off. As that. */
bp_status bpi_csv_reader_rewind(csv_reader *reader);

/* Counts the lines from here to the end that are not empty: no fewer than the records. The reader must be
 * rewound afterwards. FILE. */
bp_status bpi_csv_count_lines(csv_reader *reader, size_t *lines);

/* Skips lines, without parsing them. FILE, MEMORY. */
bp_status bpi_csv_skip_lines(csv_reader *reader, size_t lines);

/* Reads the next record and skips empty lines; *found is false at the end. Fields are valid until the next
 * call. FORMAT with line and column, FILE, MEMORY. */
bp_status bpi_csv_next_record(csv_reader *reader, bool *found);

/* Reads the next record if it is `count` plain numbers, without blanks and empty lines; else *is_read is
 * false, and the reader has not moved. FILE, MEMORY. */
bp_status bpi_csv_read_numbers(csv_reader *reader, size_t count, bp_real *numbers, bool *is_read);

/* Does the current record have one field more than `fields`, which is empty? A delimiter ended it. */
bool bpi_csv_ends_in_delimiter(const csv_reader *reader, size_t fields);

/* Is nothing left to be read? */
bool bpi_csv_is_at_end(const csv_reader *reader);

/* Can this byte stand between fields? It is no part of a number, and ends no line. */
bool bpi_csv_can_delimit(char delimiter);

#endif
