/*
 * Random bits that are a function of numbers, with no state from call to call: Philox4x32 of Salmon, Moraes,
 * Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), with 7 rounds, the fewest that pass
 * all tests of BigCrush there.
 */
#ifndef BPI_BASE_PHILOX_H
#define BPI_BASE_PHILOX_H

#include <stdint.h>

#include "base/arithmetic.h"

enum { PHILOX_ROUNDS = 7 };

/* Multipliers, and what is added to the key from round to round. */
#define BPI_PHILOX_M0 UINT32_C(0xd2511f53)
#define BPI_PHILOX_M1 UINT32_C(0xcd9e8d57)
#define BPI_PHILOX_W0 UINT32_C(0x9e3779b9)
#define BPI_PHILOX_W1 UINT32_C(0xbb67ae85)

void bpi_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
