/* What the columns of a text table are found to be, once all records were looked at. */
#ifndef BPI_DATA_TABLE_COLUMNS_H
#define BPI_DATA_TABLE_COLUMNS_H

#include "data/table_learner_types.h"

/* Is there a different word in more than 3 of 4 cells? */
bool bpi_is_diverse(const column_learner *column);

/* The cells of a column, by what they are. */
typedef struct cell_counts {
    size_t numbers, different_numbers, words, different_words;
} cell_counts;

/* Are there so few words, or so few different ones, among numbers that they may be misprints, or stand for
 * missing cells? */
bool bpi_may_be_misprints(const column_learner *column, const cell_counts *counts);

/* Will a column that is an input be left out, since it is text or empty? */
bool bpi_table_column_is_useless(const table_learner *learner, size_t index);

/* Decides role, kind and categories of a column. FORMAT if it is none that could be meant; MEMORY. */
bp_status bpi_table_column_finish(table_learner *learner, size_t index);

#endif
