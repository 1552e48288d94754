/* CSV files made of a text, for the tests of what they mean and of what is wrong with them. Tests need the
 * fixture test_directory_setup. */
#ifndef TESTS_CSV_EXAMPLE_H
#define TESTS_CSV_EXAMPLE_H

#include "support/support.h"

bp_csv_options csv_defaults(void);
/* Defaults, and numbers as targets: `columns` columns from `column` on. */
bp_csv_options csv_numeric(int column, size_t columns);

/* Rules, which the test destroys. */
bp_schema *csv_rules(void);

/* Loads text from memory, under the name f.csv. */
bp_status csv_parse(bp_dataset **out, const char *text, const bp_csv_options *options);
/* Asserts that it is refused, with this part of the message, and that nothing is left alive. */
#define csv_assert_refused(text, options, status, part)                                                      \
    csv_assert_refused_at((text), (options), (status), (part), __FILE__, __LINE__)
void csv_assert_refused_at(const char *text, const bp_csv_options *options, bp_status status,
                           const char *part, const char *file, int line);

/* Asserts inputs and targets; each array has a row per case. */
void csv_assert_data(const bp_dataset *dataset, size_t cases, size_t inputs, const double *wanted_inputs,
                     size_t targets, const double *wanted_targets);
/* The same of the dataset that text makes as a file. */
void csv_assert_loads(const char *text, bp_csv_options options, size_t cases, size_t inputs,
                      const double *wanted_inputs, size_t targets, const double *wanted_targets);

/*
 * A schema in a line: for each column its name, or its number from 1, and what it became:
 *
 *     age number 0; sex category 1-2 f|m; id ignored; grade target 0-1 a|b
 *
 * A static buffer.
 */
const char *csv_describe(const bp_schema *schema);
/* Asserts that text is learned as described; options NULL: the defaults. */
void csv_assert_learns(const char *text, const bp_csv_options *options, const char *description);

/* Loads text as the file f.csv. out may be NULL: the dataset is released, and nothing may be left alive; nor
 * may it after a failure, when nothing may be handed out. */
bp_status csv_load(bp_dataset **out, const char *text, bp_csv_options options);

/* An allocator that keeps in *greatest the largest size that was asked for. */
bp_allocator csv_measuring_allocator(size_t *greatest);

#endif
