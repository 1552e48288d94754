/* Is the first record of a text table a header? */
#ifndef BPI_DATA_TABLE_HEADER_H
#define BPI_DATA_TABLE_HEADER_H

#include "data/table_learner_types.h"

/*
 * Compares the first record, whose fields are the names in the learner's schema, with all others. FORMAT if
 * it has signs of both, or of neither: it may be a case with a misprint, which must not be dropped silently.
 */
bp_status bpi_find_header(const table_learner *learner, bool *has_header);

/* If the current record and all that follow end in a delimiter, none of them will have a field behind it. The
 * reader must be rewound afterwards. FORMAT, FILE, MEMORY. */
bp_status bpi_find_last_delimiters(csv_reader *reader);

/* Do the options say that the first record has names? */
bool bpi_has_names(const bp_csv_options *options);

/* With BP_CSV_HEADER_ROW_NAMES, puts the name that the first record lacks, "", before its others. MEMORY. */
bp_status bpi_complete_names(csv_reader *reader, const bp_csv_options *options);

#endif
