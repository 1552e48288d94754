/* Different texts, numbered as they come. */
#ifndef BPI_DATA_WORD_SET_H
#define BPI_DATA_WORD_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "backprop.h"

typedef struct word {
    char *text;
    size_t count; /* how often it came */
    size_t line;  /* where it came first */
} word;

typedef struct word_set {
    word *words;
    size_t count, capacity;
    size_t *slots; /* a hash table of word numbers + 1; 0: empty */
    size_t slot_count;
} word_set;

/* Counts a text, which is copied if it is new. False when there is no memory. A set that is all zero is
 * empty. */
bool bpi_word_set_add(word_set *set, const bp_allocator *allocator, const char *text, size_t line);

/* The number of a text, or the number of words if it never came. */
size_t bpi_word_set_find(const word_set *set, const char *text);

void bpi_word_set_clear(word_set *set, const bp_allocator *allocator);

#endif
