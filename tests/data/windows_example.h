/* Rows of a series, for the tests of windows and of what is wrong with them. */
#ifndef TESTS_WINDOWS_EXAMPLE_H
#define TESTS_WINDOWS_EXAMPLE_H

#include "support/support.h"

enum { MAX_ROWS = 120 };

bp_window_options window_options(size_t width, size_t gap, size_t horizon, size_t step);

/* A view that is only initialized. */
bp_data empty_view(void);

/* Rows of `inputs` and `targets` columns, 0 for none: column k of row i is 100 i + k. */
bp_dataset *numbered_rows(size_t count, size_t inputs, size_t targets);

#endif
