/* The input cells of a table that are missing and filled in, or that hold unknown categories. */
#ifndef BPI_DATA_MISSING_CELLS_H
#define BPI_DATA_MISSING_CELLS_H

#include "backprop.h"

typedef struct missing_cell {
    size_t row, column; /* the case as it was loaded; the column of the schema */
} missing_cell;

typedef struct missing_cells {
    missing_cell *cells; /* in the order of their rows */
    size_t count, capacity;
} missing_cells;

/* MEMORY, with the name of the file. */
bp_status bpi_missing_cells_add(missing_cells *missing, const char *where, const bp_allocator *allocator,
                                missing_cell cell);

#endif
