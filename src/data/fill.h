/* What is filled in for missing cells. */
#ifndef BPI_DATA_FILL_H
#define BPI_DATA_FILL_H

#include "data/dataset.h"

/* Is something filled in where a cell of the column is missing? */
bool bpi_is_filled(const schema_column *column);

/* Cells by their columns. */
typedef struct cells_of_columns {
    size_t *rows; /* of all cells, column by column */
    size_t *ends; /* by column: where its rows end */
} cells_of_columns;

/* The memory for it, allocated before anything is changed. */
typedef struct fill_memory {
    double *values;          /* of a column */
    unsigned char *is_empty; /* by origin: is the cell of the column missing, or unknown? */
    size_t *where;           /* by origin: the present index */
    cells_of_columns missing, unknown;
} fill_memory;

/* Nothing is allocated if no column has a rule to fill in. MEMORY, with the function's name; the caller
 * releases it in any case. */
bp_status bpi_fill_allocate(fill_memory *memory, const char *function, const bp_dataset *dataset);
void bpi_fill_release(fill_memory *memory, const bp_dataset *dataset);

/* Finds from a range of cases what each column with such a rule is filled in with, sets it in the dataset's
 * schema, and writes it to all missing cells. */
void bpi_fill_missing(fill_memory *memory, bp_dataset *dataset, case_range training);

#endif
