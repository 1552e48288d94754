/* Is a text table written as the options say? */
#ifndef BPI_DATA_TABLE_NOTATION_H
#define BPI_DATA_TABLE_NOTATION_H

#include "data/table_learner_types.h"

/* A common delimiter between digits of a field that is no number, as in "5;2", or 0. A blank only if there is
 * nothing else. */
char bpi_delimiter_of_numbers(const table_learner *learner, const csv_field *field);

/* After the last record, with a header or without: FORMAT if another delimiter is in every line, or if all
 * words of a column, or all but a few, are numbers in another notation. */
bp_status bpi_check_notation(const table_learner *learner);

#endif
