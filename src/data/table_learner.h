/* Finds out what the columns of a text table are, from its records. */
#ifndef BPI_DATA_TABLE_LEARNER_H
#define BPI_DATA_TABLE_LEARNER_H

#include "data/table_learner_types.h"

/* Begins with the first record, which the reader has just read, and which is read on to explain a failure.
 * FORMAT, ARGUMENT, MEMORY, FILE; the caller clears the learner in any case. */
bp_status bpi_table_learner_begin(table_learner *learner, csv_reader *reader, const bp_csv_options *options);
void bpi_table_learner_clear(table_learner *learner);

/* Learns from the reader's record, which is not the first. FORMAT, MEMORY. */
bp_status bpi_table_learner_add(table_learner *learner);

/* Learns from a record of nothing but these numbers. */
void bpi_table_learner_add_numbers(table_learner *learner, const bp_real *numbers);

/* The number of records, those that were left out included. */
size_t bpi_table_learner_rows(const table_learner *learner);

/*
 * After the last record: decides whether the first one is a header, and learns from it if it is not. FORMAT,
 * MEMORY.
 */
bp_status bpi_table_learner_decide_header(table_learner *learner);

/* Are all records but a header to be added once more, for the texts of some columns, or without the rows that
 * the rule of a column leaves out? If so, the learner is ready for that. To be asked until it says no. */
bool bpi_table_learner_needs_more(table_learner *learner);

/* *schema = what was learned, which the caller destroys. FORMAT, OVERFLOW, MEMORY. */
bp_status bpi_table_learner_finish(table_learner *learner, bp_schema **schema);

#endif
