/* Names of the inputs of a dataset. */
#ifndef BPI_DATA_INPUT_NAMES_H
#define BPI_DATA_INPUT_NAMES_H

#include "data/dataset.h"

/* Names the inputs of a dataset after the columns of its schema, if these have names. MEMORY, with the name
 * of the file; the dataset can still be destroyed. */
bp_status bpi_name_inputs(bp_dataset *dataset, const char *where);

/*
 * *out = the name of an input of windows over rows: "age (t-2)" for a column of the row 2 before the last one
 * of a window, "age (t)" for one of the last. Columns of targets are numbered on from the inputs. NULL if the
 * column has no name. MEMORY, with the name of the function.
 */
bp_status bpi_name_window_input(char **out, const char *function, const bp_dataset *rows, size_t column,
                                size_t before);

#endif
