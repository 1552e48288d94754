/* Cases from the records of a text table whose schema is known. */
#ifndef BPI_DATA_TABLE_READER_H
#define BPI_DATA_TABLE_READER_H

#include "data/csv_reader.h"
#include "data/missing_cells.h"
#include "data/schema.h"
#include "data/word_set.h"

typedef struct table_reader {
    const bp_csv_options *options; /* checked */
    csv_reader *reader;
    const bp_schema *schema;
    size_t *field_of;   /* for each column of the schema its field, or BP_NO_INDEX */
    size_t fields;      /* of every record */
    size_t *next_field; /* of the fields of a header: the next one of the same name, or BP_NO_INDEX */
    bool has_targets, has_weights, has_groups;
    bool lacks_targets;                 /* they have columns, but were missing in the first case */
    bool missing_targets;               /* some are not there, and are NaN */
    bool has_number_markers;            /* a number may stand for a missing cell */
    bool is_learned_here;               /* the schema is that of this very table */
    word_set field_names, column_names; /* if a header is looked for; the lines are numbers of columns */
    missing_cells *missing;             /* where cells that are filled in are noted; NULL: nowhere */
    missing_cells *unknown_at;          /* likewise unknown categories */
    bool leaves_unknown_open;           /* their inputs are NaN, as those of missing cells */
    size_t rows, skipped, filled,
        unknown; /* cases read, rows left out, cells filled in, unknown categories */
} table_reader;

/* Where a case is written to; what the table lacks is NULL. */
typedef struct table_row {
    bp_real *inputs, *targets, *weight;
    size_t *group;
} table_row;

/* For the table from which the schema was learned. MEMORY; the caller clears it in any case. */
bp_status bpi_table_reader_init(table_reader *table, csv_reader *reader, const bp_schema *schema,
                                const bp_csv_options *options);

/*
 * For another table: reads the first record, and finds the columns by name if it is a header, else by number.
 * *is_case says whether it is a case, which is then to be read. FORMAT with the names of columns that do not
 * fit; MEMORY.
 */
bp_status bpi_table_reader_begin(table_reader *table, csv_reader *reader, const bp_schema *schema,
                                 const bp_csv_options *options, bool *is_case);

/* Of another table: at the first case, which the reader has read, finds out whether the targets are there.
 * The table of rows to be predicted may have an empty column where they will be. */
void bpi_table_reader_look_for_targets(table_reader *table);

void bpi_table_reader_clear(table_reader *table);

/* Turns the reader's record into the case with the number table->rows, or leaves it out. FORMAT, NOT_FINITE,
 * MEMORY. */
bp_status bpi_table_reader_read(table_reader *table, const table_row *row);

#endif
