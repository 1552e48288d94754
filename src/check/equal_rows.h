/* Rows of numbers that are equal, found by sorting hashes. */
#ifndef BPI_CHECK_EQUAL_ROWS_H
#define BPI_CHECK_EQUAL_ROWS_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

typedef struct hashed_row {
    uint64_t hash;
    size_t row;
} hashed_row;

/* Hashes of all cases of checked data, sorted by hash and row: of their inputs, and their targets if wanted.
 * NULL when there is no memory. */
hashed_row *bpi_hash_cases(const bp_allocator *allocator, const bp_data *data, bool with_targets);

/* The rows from `first` on that have the same hash: the index after the last. */
size_t bpi_end_of_equal_hashes(const hashed_row *rows, size_t count, size_t first);

/* The first row with this hash, or count. */
size_t bpi_find_hash(const hashed_row *rows, size_t count, uint64_t hash);

bool bpi_rows_are_equal(const bp_real *a, const bp_real *b, size_t count);

#endif
