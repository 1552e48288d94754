/* Minimum and maximum of two sizes. */
#ifndef BPI_BASE_NUMERIC_H
#define BPI_BASE_NUMERIC_H

#include <stddef.h>

static inline size_t bpi_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t bpi_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
