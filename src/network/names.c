/* Layers by name: a hash table with open addressing and linear probing, at most half full. */
#include "network/names.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_SLOTS = 16 };

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

/* The slot of this name, which is empty if no layer has it. */
static bp_layer **slot_of(const name_table *names, const char *name)
{
    size_t at = (size_t)hash_of(name) & (names->slots - 1);
    while (names->layers[at] != NULL && strcmp(names->layers[at]->name, name) != 0)
        at = (at + 1) & (names->slots - 1);
    return &names->layers[at];
}

bool bpi_names_reserve(const bp_allocator *allocator, name_table *names, size_t count)
{
    if (count < names->slots / 2)
        return true;
    name_table larger = {.slots = names->slots == 0 ? FIRST_SLOTS : names->slots * 2};
    larger.layers = bpi_allocate_zeroed(allocator, larger.slots, sizeof(bp_layer *));
    if (larger.layers == NULL)
        return false;
    for (size_t i = 0; i < names->slots; i++)
        if (names->layers[i] != NULL)
            bpi_names_add(&larger, names->layers[i]);
    bpi_release(allocator, names->layers);
    *names = larger;
    return true;
}

void bpi_names_add(name_table *names, bp_layer *layer)
{
    *slot_of(names, layer->name) = layer;
}

bp_layer *bp_network_find_layer(const bp_network *net, const char *name)
{
    if (net == NULL || name == NULL || net->names.slots == 0)
        return NULL;
    return *slot_of(&net->names, name);
}
