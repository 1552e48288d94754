/* Texts that stand for a missing cell. */
#ifndef BPI_DATA_MISSING_MARKER_H
#define BPI_DATA_MISSING_MARKER_H

#include <stdbool.h>

#include "base/arithmetic.h"
#include "data/schema.h"

/* Is a cell of a column missing? It is if it is empty, or one of the options' markers that is no category of
 * the column. */
bool bpi_is_missing(const bp_csv_options *options, const schema_column *column, const char *text);

/* Is one of the markers perhaps a number, as -999? */
bool bpi_has_number_markers(const bp_csv_options *options);

#endif
