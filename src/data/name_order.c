#include "data/name_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

static int compare(const void *left, const void *right)
{
    const numbered_name *a = left, *b = right;
    const int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

void bpi_sort_names(numbered_name *names, size_t count)
{
    qsort(names, count, sizeof *names, compare);
}

size_t bpi_count_same_names(const numbered_name *names, size_t count, size_t first)
{
    size_t end = first + 1;
    while (end < count && strcmp(names[end].name, names[first].name) == 0)
        end++;
    return end - first;
}

bp_status bpi_find_repeated_name(const char *function, const bp_allocator *allocator,
                                 const char *const *names, size_t count, size_t pair[2])
{
    numbered_name *sorted = bpi_allocate(allocator, count, sizeof *sorted);
    if (sorted == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to compare %zu names", function, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (numbered_name){names[i], i};
    bpi_sort_names(sorted, count);
    pair[0] = pair[1] = BP_NO_INDEX;
    for (size_t i = 0, same; i < count; i += same) {
        same = bpi_count_same_names(sorted, count, i);
        if (same > 1 && (pair[1] == BP_NO_INDEX || sorted[i + 1].number < pair[1])) {
            pair[0] = sorted[i].number;
            pair[1] = sorted[i + 1].number;
        }
    }
    bpi_release(allocator, sorted);
    return BP_OK;
}
