/* What must hold of every learned schema, whatever it came from. Ends the program with abort() if it does
 * not. */
#ifndef TESTS_FUZZ_SCHEMA_CHECKS_H
#define TESTS_FUZZ_SCHEMA_CHECKS_H

#include "backprop.h"

/* Its text has the length that is said; a row without cells is encoded or refused; each target has an answer,
 * and figures. */
void check_schema(const bp_schema *schema);

#endif
