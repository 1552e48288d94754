/* Files of arrays in memory, loaded and read as a stream. */
#ifndef TESTS_FUZZ_ARRAY_CHECKS_H
#define TESTS_FUZZ_ARRAY_CHECKS_H

#include "data/array_file.h"

/* Reads `inputs_size` bytes as a file of inputs, and those after it as one of targets, unless there are none.
 * Ends the program with abort() where it must not. */
void check_arrays(const array_reading *reading, const uint8_t *bytes, size_t inputs_size,
                  size_t targets_size);

#endif
