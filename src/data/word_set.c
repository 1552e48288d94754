#include "data/word_set.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_SLOTS = 16 };

/* FNV-1a, by Fowler, Noll and Vo. */
static uint64_t hash(const char *text)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return value ^ value >> 32;
}

/* The slot of a text, or the empty one where it would be. There is an empty slot. */
static size_t *find_slot(const word_set *set, const char *text)
{
    size_t i = (size_t)hash(text) & (set->slot_count - 1);
    while (set->slots[i] != 0 && strcmp(set->words[set->slots[i] - 1].text, text) != 0)
        i = (i + 1) & (set->slot_count - 1);
    return &set->slots[i];
}

/* At least half of the slots are kept empty. */
static bool grow_slots(word_set *set, const bp_allocator *allocator)
{
    if (2 * (set->count + 1) <= set->slot_count)
        return true;
    size_t count = set->slot_count == 0 ? FIRST_SLOTS : 2 * set->slot_count;
    size_t *slots = bpi_allocate_zeroed(allocator, count, sizeof *slots);
    if (slots == NULL)
        return false;
    bpi_release(allocator, set->slots);
    set->slots = slots;
    set->slot_count = count;
    for (size_t i = 0; i < set->count; i++)
        *find_slot(set, set->words[i].text) = i + 1;
    return true;
}

bool bpi_word_set_add(word_set *set, const bp_allocator *allocator, const char *text, size_t line)
{
    if (!grow_slots(set, allocator))
        return false;
    size_t *slot = find_slot(set, text);
    if (*slot != 0) {
        set->words[*slot - 1].count++;
        return true;
    }
    if (!bpi_grow(allocator, (void **)&set->words, &set->capacity, set->count, sizeof *set->words))
        return false;
    char *copy = bpi_copy_string(allocator, text);
    if (copy == NULL)
        return false;
    set->words[set->count++] = (word){copy, 1, line};
    *slot = set->count;
    return true;
}

size_t bpi_word_set_find(const word_set *set, const char *text)
{
    if (set->count == 0)
        return 0;
    const size_t slot = *find_slot(set, text);
    return slot == 0 ? set->count : slot - 1;
}

void bpi_word_set_clear(word_set *set, const bp_allocator *allocator)
{
    for (size_t i = 0; i < set->count; i++)
        bpi_release(allocator, set->words[i].text);
    bpi_release(allocator, set->words);
    bpi_release(allocator, set->slots);
    *set = (word_set){0};
}
