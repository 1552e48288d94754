/* A table of nothing but numbers, which is stored while its schema is learned. Others are read once more. */
#ifndef BPI_DATA_NUMBER_TABLE_H
#define BPI_DATA_NUMBER_TABLE_H

#include "data/csv_reader.h"
#include "data/dataset.h"
#include "data/table_learner.h"

/* Neighbouring columns that go to the same place. */
typedef struct column_run {
    size_t first, count; /* columns of the table */
    bool is_target;
    size_t to; /* input or target */
} column_run;

typedef struct number_table {
    bool is_active; /* all records so far were numbers */
    csv_reader *reader;
    bp_dataset *dataset; /* with room for `capacity` cases */
    size_t capacity;
    size_t columns;
    bp_real *row; /* the numbers of a record */
    column_run *runs;
    size_t run_count;
} number_table;

/*
 * Begins with the first record, which the learner has begun with. It is the first case if it is all numbers;
 * else it must be a header. Inactive if some column cannot be of numbers. MEMORY, OVERFLOW; the caller clears
 * the table in any case.
 */
bp_status bpi_number_table_begin(number_table *table, csv_reader *reader, const table_learner *learner);
void bpi_number_table_clear(number_table *table);

/* Reads the next record if the table is active and the record is plain numbers; else the reader has not
 * moved, and *is_read is false. The table is then inactive, unless it is at its end. FILE, MEMORY. */
bp_status bpi_number_table_read(number_table *table, bool *is_read);

/* Is all of the table in the dataset, with a header or without, as the learner found? */
bool bpi_number_table_is_complete(const number_table *table, const table_learner *learner);

/* Hands out the dataset of a complete table; of its columns, those that the schema has as inputs and
 * targets. */
bp_dataset *bpi_number_table_take(number_table *table, const bp_schema *schema);

#endif
