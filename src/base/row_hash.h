/* Hashes of rows of numbers. */
#ifndef BPI_BASE_ROW_HASH_H
#define BPI_BASE_ROW_HASH_H

#include <stdint.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* Four chains side by side, since each waits for its own multiplications. */
enum { ROW_HASH_CHAINS = 4 };
typedef struct row_hash {
    uint64_t chains[ROW_HASH_CHAINS];
} row_hash;

/* Of no rows. */
static inline row_hash bpi_row_hash_begin(void)
{
    return (row_hash){{1, 2, 3, 4}};
}

/* Adds a row. 0 and -0 are equal. */
void bpi_row_hash_add(row_hash *hash, const bp_real *values, size_t count);

/* The hash of the rows so far. */
uint64_t bpi_row_hash_value(const row_hash *hash);

#endif
