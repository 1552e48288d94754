/* Layers by name: a hash table, since a network unrolled over many steps has many layers. */
#ifndef BPI_NETWORK_NAMES_H
#define BPI_NETWORK_NAMES_H

#include "network/types.h"

/* Makes room for one more in a table of `count` layers. False when there is no memory. */
bool bpi_names_reserve(const bp_allocator *allocator, name_table *names, size_t count);
/* Trusts that there is room, and no layer of this name. */
void bpi_names_add(name_table *names, bp_layer *layer);

#endif
