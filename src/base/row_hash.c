#include "base/row_hash.h"

#include <string.h>

/* 0 and -0, which are equal, have the same bits afterwards. */
static uint64_t bits_of(bp_real value)
{
    value += 0;
#ifdef BP_DOUBLE
    uint64_t bits;
#else
    uint32_t bits;
#endif
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The mixing step of splitmix64. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

static uint64_t step(uint64_t chain, bp_real value)
{
    const uint64_t next = (chain ^ bits_of(value)) * 0x9e3779b97f4a7c15u;
    return next ^ (next >> 32);
}

void bpi_row_hash_add(row_hash *hash, const bp_real *values, size_t count)
{
    row_hash next = *hash;
    size_t i = 0;
    for (; i + ROW_HASH_CHAINS <= count; i += ROW_HASH_CHAINS)
        for (size_t k = 0; k < ROW_HASH_CHAINS; k++)
            next.chains[k] = step(next.chains[k], values[i + k]);
    for (size_t k = 0; i < count; i++, k++)
        next.chains[k] = step(next.chains[k], values[i]);
    *hash = next;
}

uint64_t bpi_row_hash_value(const row_hash *hash)
{
    uint64_t value = 0;
    for (size_t k = ROW_HASH_CHAINS; k-- > 0;)
        value = mix(hash->chains[k] ^ value);
    return value;
}
