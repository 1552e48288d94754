/* Small functions of numbers. */
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

/* The place of number i of `count` that are spread evenly over `all` places, which are no fewer. */
static inline size_t bpi_spread(size_t i, size_t count, size_t all)
{
    return (size_t)((double)i * ((double)all / (double)count));
}

#endif
