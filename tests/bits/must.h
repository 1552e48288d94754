/* Calls that must succeed, in a program and in its test. */
#ifndef TESTS_BITS_MUST_H
#define TESTS_BITS_MUST_H

#include <stddef.h>

#include "backprop.h"

/* Ends the program with a message unless the call gives BP_OK. */
#define MUST(call) must_be_ok((call), #call)
void must_be_ok(bp_status status, const char *call);

/* Zeros; or ends the program. */
void *must_allocate(size_t count, size_t size);

#endif
