/* Cases drawn by chance, the same on every machine. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include "table.h"

/* Uniform in 0..1: a random stream of the programs' own, so that their data never change. */
double next_uniform(uint64_t *state);

/* Below count. */
size_t next_index(uint64_t *state, size_t count);

/* Leaves so many cases, drawn by chance, in their order. */
void table_sample(table *data, size_t cases, uint64_t seed);

/* A fold, 0 to count - 1, for every case; all are of nearly the same size. */
void assign_folds(size_t cases, unsigned count, unsigned repetition, unsigned char *folds);

/* Fold `fold` of so many becomes the test set, all others the training set. */
void split_table(const table *data, unsigned count, unsigned repetition, unsigned fold, table *training,
                 table *test);

#endif
