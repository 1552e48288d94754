/* Texts of the user's that a network carries, under keys. */
#ifndef BPI_DATA_METADATA_H
#define BPI_DATA_METADATA_H

#include "backprop.h"

/* The entries in the order of their keys; *count is their number. */
typedef struct metadata_entry {
    char *key, *text;
} metadata_entry;

const metadata_entry *bpi_metadata_entries(const bp_network *net, size_t *count);

#endif
