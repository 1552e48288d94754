#include "train/case_hash.h"

#include <stdbool.h>

/* Is the case with a number, a multiple of 2^level, among those of the level? */
static bool has_room(size_t number, size_t level)
{
    return number >> level < CASE_HASH_CASES;
}

/* k for that many cases. */
static size_t level_of(size_t cases)
{
    size_t level = 0;
    while (!has_room(cases - 1, level))
        level++;
    return level;
}

/* Inputs, targets, case weight. */
static void add_case(row_hash *hash, const bp_data *cases, size_t row)
{
    const bp_real one = 1;
    bpi_row_hash_add(hash, cases->inputs + row * cases->input_stride, cases->input_width);
    bpi_row_hash_add(hash, cases->targets + row * cases->target_stride, cases->target_width);
    bpi_row_hash_add(hash, cases->case_weights == NULL ? &one : cases->case_weights + row, 1);
}

/* Those of a level among cases whose first one has the number `first`. */
static void add_level(row_hash *hash, size_t level, const bp_data *cases, size_t first)
{
    const size_t mask = ((size_t)1 << level) - 1;
    for (size_t row = -first & mask; row < cases->cases && has_room(first + row, level); row += mask + 1)
        add_case(hash, cases, row);
}

/* 0 stands for none. */
static uint64_t not_zero(uint64_t value)
{
    return value == 0 ? 1 : value;
}

void bpi_case_hash_begin(case_hash *hash)
{
    hash->cases = 0;
    for (size_t level = 0; level < CASE_HASH_LEVELS; level++)
        hash->levels[level] = bpi_row_hash_begin();
}

void bpi_case_hash_add(case_hash *hash, const bp_data *cases)
{
    for (size_t level = 0; level < CASE_HASH_LEVELS; level++)
        add_level(&hash->levels[level], level, cases, hash->cases);
    hash->cases += cases->cases;
}

uint64_t bpi_case_hash_value(const case_hash *hash)
{
    return not_zero(bpi_row_hash_value(&hash->levels[level_of(hash->cases)]));
}

uint64_t bpi_case_hash_of(const bp_data *cases)
{
    const size_t level = level_of(cases->cases);
    row_hash hash = bpi_row_hash_begin();
    add_level(&hash, level, cases, 0);
    return not_zero(bpi_row_hash_value(&hash));
}
