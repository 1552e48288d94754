/* Names in the order of their bytes, to find equal ones. */
#ifndef BPI_DATA_NAME_ORDER_H
#define BPI_DATA_NAME_ORDER_H

#include <stdbool.h>

#include "backprop.h"

/* A name, and its number before it was sorted. */
typedef struct numbered_name {
    const char *name;
    size_t number;
} numbered_name;

/* Sorts names, equal ones by their numbers. */
void bpi_sort_names(numbered_name *names, size_t count);

/* How many names from `first` on are the same, in sorted names. */
size_t bpi_count_same_names(const numbered_name *names, size_t count, size_t first);

/*
 * Finds the first of `count` names that is there before: pair[1] is its number, pair[0] that of the first one
 * like it; both BP_NO_INDEX if all are different. MEMORY, with the function's name.
 */
bp_status bpi_find_repeated_name(const char *function, const bp_allocator *allocator,
                                 const char *const *names, size_t count, size_t pair[2]);

#endif
