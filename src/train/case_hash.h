/*
 * A hash of a set of cases, by which a checkpoint tells whether a run goes on with the data that it began
 * with: of all cases, or of at most CASE_HASH_CASES that are spread over the set, so that it costs little
 * beside a check of the data. Of n cases those count whose number is a multiple of 2^k, with the least k that
 * leaves no more. It is the same for cases in memory and for those of a stream, on any machine. Never 0.
 */
#ifndef BPI_TRAIN_CASE_HASH_H
#define BPI_TRAIN_CASE_HASH_H

#include "base/row_hash.h"

enum { CASE_HASH_CASES = 1024, CASE_HASH_LEVELS = 8 * sizeof(size_t) };

/* Of cases that come part by part, so that their number is not known: one hash for each k that may turn out
 * to be the one. */
typedef struct case_hash {
    row_hash levels[CASE_HASH_LEVELS];
    size_t cases; /* so far */
} case_hash;

void bpi_case_hash_begin(case_hash *hash);
/* The next cases, which are checked. */
void bpi_case_hash_add(case_hash *hash, const bp_data *cases);
/* Of the cases so far, at least one. */
uint64_t bpi_case_hash_value(const case_hash *hash);

/* Of checked cases that are all there are. */
uint64_t bpi_case_hash_of(const bp_data *cases);

#endif
