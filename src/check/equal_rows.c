#include "check/equal_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* 0 and -0, which are equal, have the same bits afterwards. */
static uint64_t bits_of(bp_real value)
{
    uint64_t bits = 0;
    value += 0;
    memcpy(&bits, &value, sizeof value);
    return bits;
}

/* The mixing step of splitmix64. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

/* Four chains side by side, since each waits for its own multiplications. */
static uint64_t hash_row(const bp_real *values, size_t count)
{
    enum { CHAINS = 4 };
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t chains[CHAINS] = {1, 2, 3, 4};
    size_t i = 0;
    for (; i + CHAINS <= count; i += CHAINS)
        for (size_t k = 0; k < CHAINS; k++) {
            uint64_t next = (chains[k] ^ bits_of(values[i + k])) * odd;
            chains[k] = next ^ (next >> 32);
        }
    for (; i < count; i++)
        chains[0] = mix(chains[0] ^ bits_of(values[i]));
    return mix(chains[0] ^ mix(chains[1] ^ mix(chains[2] ^ mix(chains[3]))));
}

static int compare_hashes(const void *a, const void *b)
{
    const hashed_row *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static uint64_t hash_case(const bp_data *data, size_t row, bool with_targets)
{
    uint64_t hash = hash_row(data->inputs + row * data->input_stride, data->input_width);
    if (with_targets)
        hash = mix(hash) + hash_row(data->targets + row * data->target_stride, data->target_width);
    return hash;
}

hashed_row *bpi_hash_cases(const bp_allocator *allocator, const bp_data *data, bool with_targets)
{
    hashed_row *rows = bpi_allocate(allocator, data->cases, sizeof *rows);
    if (rows == NULL)
        return NULL;
    for (size_t row = 0; row < data->cases; row++)
        rows[row] = (hashed_row){hash_case(data, row, with_targets), row};
    qsort(rows, data->cases, sizeof *rows, compare_hashes);
    return rows;
}

size_t bpi_end_of_equal_hashes(const hashed_row *rows, size_t count, size_t first)
{
    size_t end = first + 1;
    while (end < count && rows[end].hash == rows[first].hash)
        end++;
    return end;
}

size_t bpi_find_hash(const hashed_row *rows, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && rows[low].hash == hash ? low : count;
}

bool bpi_rows_are_equal(const bp_real *a, const bp_real *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return false;
    return true;
}
