/* Rules for the columns of a table. */
#ifndef BPI_DATA_SCHEMA_RULES_H
#define BPI_DATA_SCHEMA_RULES_H

#include "data/schema.h"

/*
 * Applies rules to the columns of a table, which have their names. rules may be NULL: all columns become
 * inputs of a kind to be found out. Then sets the targets that the options name, unless a rule has set some.
 * `where` is the file and line of the first record, and `hint` the end of messages that a wrong delimiter
 * explains. ARGUMENT or FORMAT for what does not fit the table; MEMORY.
 */
bp_status bpi_schema_apply_rules(bp_schema *schema, const char *where, const bp_schema *rules,
                                 const bp_csv_options *options, const char *hint);

/* Does a rule, or the option for the target, name a column? Then the table must have a header. */
const char *bpi_schema_rule_name(const bp_schema *rules, const bp_csv_options *options);

#endif
