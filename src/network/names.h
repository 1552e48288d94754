/* The layers of a network by name: a hash table, as networks unrolled over many steps have many. */
#ifndef BPI_NETWORK_NAMES_H
#define BPI_NETWORK_NAMES_H

#include "network/types.h"

/* The table, of `count` layers, gets room for one more. False when there is no memory. */
bool bpi_names_reserve(const bp_allocator *allocator, name_table *names, size_t count);
/* There is room, and no layer of this name in the table. */
void bpi_names_add(name_table *names, bp_layer *layer);

#endif
