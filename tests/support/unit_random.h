/* The random numbers of units as docs/mathematics.md describes them, in plain loops. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Philox4x32 with 7 rounds. */
void oracle_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The random bits of a case in an update. */
void oracle_row_bits(uint64_t seed, uint64_t update, uint64_t number, uint32_t bits[4]);

/* The random number of a unit, of 32 bits. */
uint32_t oracle_unit_word(const uint32_t bits[4], uint32_t stream, size_t unit);

/* The factor of dropout: 0 or 1 / (1 - p). */
double oracle_drop_factor(const uint32_t bits[4], uint32_t stream, double probability, size_t unit);

/* A normal number with standard deviation 1. */
double oracle_unit_normal(const uint32_t bits[4], uint32_t stream, size_t unit);

#endif
