#include "check/equal_rows.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/row_hash.h"

static int compare_hashes(const void *a, const void *b)
{
    const hashed_row *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static uint64_t hash_case(const bp_data *data, size_t row, bool with_targets)
{
    row_hash hash = bpi_row_hash_begin();
    bpi_row_hash_add(&hash, data->inputs + row * data->input_stride, data->input_width);
    if (with_targets)
        bpi_row_hash_add(&hash, data->targets + row * data->target_stride, data->target_width);
    return bpi_row_hash_value(&hash);
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
