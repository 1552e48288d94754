/* Are the columns of two tables the same? */
#ifndef BPI_DATA_SCHEMA_MATCH_H
#define BPI_DATA_SCHEMA_MATCH_H

#include "data/schema.h"

/*
 * NAME, with the column, unless the inputs of a table mean what those of the network's table do, and
 * with_targets also the targets: the same columns in the same order, with the same kinds, encodings and
 * categories. Names are compared where both have some. Input columns without names that are all numbers, as
 * those of bp_network_set_class_names, fit any. `name` is what the table is to the function.
 */
bp_status bpi_schema_match(const char *function, const char *name, const bp_schema *table,
                           const bp_schema *known, bool with_targets);

#endif
