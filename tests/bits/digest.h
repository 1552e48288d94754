/* A hash of bytes as they are: the sign of a zero counts, and so does which NaN a NaN is. */
#ifndef TESTS_BITS_DIGEST_H
#define TESTS_BITS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "backprop.h"

/* FNV-1a, 64 bits: Fowler, Noll & Vo. */
#define DIGEST_START UINT64_C(0xcbf29ce484222325)

uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t count);

static inline uint64_t digest_reals(uint64_t digest, const bp_real *values, size_t count)
{
    return digest_bytes(digest, values, count * sizeof *values);
}

static inline uint64_t digest_double(uint64_t digest, double value)
{
    return digest_bytes(digest, &value, sizeof value);
}

/* As 64 bits, whatever the width of the caller's integer. */
static inline uint64_t digest_integer(uint64_t digest, uint64_t value)
{
    return digest_bytes(digest, &value, sizeof value);
}

#endif
