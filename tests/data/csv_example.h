/* CSV files made of a text, for the tests of what they mean and of what is wrong with them. Tests need the
 * fixture test_directory_setup. */
#ifndef TESTS_CSV_EXAMPLE_H
#define TESTS_CSV_EXAMPLE_H

#include "support/support.h"

bp_csv_options csv_defaults(void);
/* Defaults, and numbers as targets: `columns` columns from `column` on. */
bp_csv_options csv_numeric(int column, size_t columns);

/* Loads text as the file f.csv. out may be NULL: the dataset is released, and nothing may be left alive; nor
 * may it after a failure, when nothing may be handed out. */
bp_status csv_load(bp_dataset **out, const char *text, bp_csv_options options);

#endif
