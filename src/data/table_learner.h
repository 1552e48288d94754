/* Finds out what the columns of a text table are, from its records. */
#ifndef BPI_DATA_TABLE_LEARNER_H
#define BPI_DATA_TABLE_LEARNER_H

#include "data/csv_reader.h"
#include "data/missing_marker.h"
#include "data/schema.h"
#include "data/word_set.h"

/* What came in a column. */
typedef struct column_learner {
    bool is_used;         /* not ignored from the start */
    bool collects;        /* texts of numbers, too */
    bool is_text;         /* so many words that there is no end of them; the set is no longer added to */
    size_t numbers, words, missing; /* cells */
    size_t first_word_line;
    char first_word[sizeof(csv_excerpt)];
    word_set texts;
} column_learner;

typedef struct table_learner {
    const bp_csv_options *options; /* checked */
    const csv_reader *reader;
    bp_schema *schema;       /* of all columns, with names as if the first record were a header */
    column_learner *columns; /* column_count of them */
    size_t column_count;
    size_t records;          /* learned */
    size_t number_records;   /* of these, not yet counted for each column: all numbers */
    size_t joined_records;   /* with numbers between which there is another delimiter ... */
    char joined_by;          /* ... which is this in the last one */
    size_t first_line;       /* of the first record */
    bool has_header;
} table_learner;

/* Begins with the first record, which the reader has just read. FORMAT, ARGUMENT, MEMORY; the caller clears the
 * learner in any case. */
bp_status bpi_table_learner_begin(table_learner *learner, const csv_reader *reader,
                                  const bp_csv_options *options);
void bpi_table_learner_clear(table_learner *learner);

/* Learns from the reader's record, which is not the first. FORMAT, MEMORY. */
bp_status bpi_table_learner_add(table_learner *learner);

/* Learns from a record of nothing but numbers. */
void bpi_table_learner_add_numbers(table_learner *learner);

/*
 * After the last record: decides whether the first one is a header, and learns from it if it is not. FORMAT,
 * MEMORY.
 */
bp_status bpi_table_learner_decide_header(table_learner *learner);

/* Are the texts of some columns still to be collected, by adding all records but a header once more? If so,
 * the learner is ready for that. */
bool bpi_table_learner_needs_more(table_learner *learner);

/* *schema = what was learned, which the caller destroys. FORMAT, OVERFLOW, MEMORY. */
bp_status bpi_table_learner_finish(table_learner *learner, bp_schema **schema);

#endif
