/* Texts that stand for a missing cell. */
#ifndef BPI_DATA_MISSING_MARKER_H
#define BPI_DATA_MISSING_MARKER_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* Is a cell missing? It is if it is empty, or one of the options' markers. */
bool bpi_is_missing(const bp_csv_options *options, const char *text);

#endif
