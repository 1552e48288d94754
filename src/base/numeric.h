/* Minimum and maximum of two numbers. */
#ifndef BPI_BASE_NUMERIC_H
#define BPI_BASE_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

static inline size_t bpi_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline uint64_t bpi_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline size_t bpi_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
