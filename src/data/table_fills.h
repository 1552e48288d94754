/* What is filled in for missing cells, found in one pass over rows that are not kept. */
#ifndef BPI_DATA_TABLE_FILLS_H
#define BPI_DATA_TABLE_FILLS_H

#include "data/schema.h"

/* Of a column: the mean of its numbers so far, or how often each category came. */
typedef struct column_fill {
    size_t column;
    size_t cells;
    double sum, rest; /* the sum is sum + rest */
    size_t *counts;   /* one for each category; NULL: numbers */
    size_t categories;
} column_fill;

typedef struct table_fills {
    const bp_schema *schema;
    column_fill *columns; /* count of them: those with a rule to fill in */
    size_t count;
} table_fills;

/* UNSUPPORTED, with the column, for a rule that needs all numbers at once; MEMORY. Nothing is to be released
 * then, or if count is 0. */
bp_status bpi_table_fills_create(table_fills *fills, const char *where, const bp_schema *schema,
                                 const bp_allocator *allocator);
void bpi_table_fills_release(table_fills *fills, const bp_allocator *allocator);

/* Adds the inputs of a row, in which missing cells are NaN. */
void bpi_table_fills_add(table_fills *fills, const bp_real *inputs);

/* Sets what was found in the schema. */
void bpi_table_fills_set(const table_fills *fills, bp_schema *schema);

#endif
