/* Is the first record of a text table a header? */
#ifndef BPI_DATA_TABLE_HEADER_H
#define BPI_DATA_TABLE_HEADER_H

#include "data/table_learner_types.h"

/*
 * Compares the first record, whose fields are the names in the learner's schema, with all others. FORMAT if
 * it has signs of both, or of neither: it may be a case with a misprint, which must not be dropped silently.
 */
bp_status bpi_find_header(const table_learner *learner, bool *has_header);

#endif
