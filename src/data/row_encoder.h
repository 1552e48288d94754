/* Cells of a table as numbers. */
#ifndef BPI_DATA_ROW_ENCODER_H
#define BPI_DATA_ROW_ENCODER_H

#include "base/number.h"
#include "data/schema.h"

typedef enum cell_state {
    CELL_OK,
    CELL_MISSING,
    CELL_UNKNOWN,      /* no category; the inputs are 0 */
    CELL_NOT_A_NUMBER, /* where there must be one */
    CELL_NOT_FINITE
} cell_state;

/* What a cell holds: its text, and what it is as a number. */
typedef struct table_cell {
    const char *text;
    number_kind kind;
    double value;
    bool is_missing;
} table_cell;

/* Writes column->width numbers for a cell of an input or target column. Missing ones get what is filled in,
 * or NaN; the states of failure leave the numbers undefined. */
cell_state bpi_encode_cell(const bp_schema *schema, size_t column, const table_cell *cell, bp_real *to);

/* Writes the numbers of a missing cell with `fill`, which may be NaN, in place of its value. */
void bpi_encode_fill(const schema_column *column, double fill, bp_real *to);

/* The number, or the number of the category, of an input column of a case; NaN if there is none, as of a
 * missing cell for which nothing is filled in. */
double bpi_decode_cell(const schema_column *column, const bp_real *inputs);

/* The failure of a cell, as a message: FORMAT or NOT_FINITE. `where` is the place of the row. */
bp_status bpi_fail_cell(const char *where, const bp_schema *schema, size_t column, cell_state state,
                        const char *text, const char *hint);

#endif
