/* Pseudo-random numbers: xoshiro256** 1.0 (Blackman & Vigna 2018), seeded by splitmix64. */
#ifndef BPI_BASE_RANDOM_H
#define BPI_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arithmetic.h"

typedef struct random_stream {
    uint64_t state[4];
} random_stream;

void bpi_random_seed(random_stream *stream, uint64_t seed);
uint64_t bpi_random_next(random_stream *stream);

/* Uniform in [0, 1), 53 random bits. */
double bpi_random_uniform(random_stream *stream);

/* Normal with mean 0 and variance 1; below 13 in amount. */
double bpi_random_normal(random_stream *stream);

/* Uniform in 0 .. bound - 1, without bias; bound >= 1. */
uint64_t bpi_random_below(random_stream *stream, uint64_t bound);

/* Shuffles the `count` elements of order (Fisher-Yates). */
void bpi_random_shuffle(random_stream *stream, size_t *order, size_t count);

/* Seeds that follow from one: that one first, then the numbers of its stream. */
typedef struct seed_sequence {
    random_stream stream;
    uint64_t next;
} seed_sequence;

void bpi_seeds_begin(seed_sequence *seeds, uint64_t first);
uint64_t bpi_seeds_next(seed_sequence *seeds);

#endif
