/* Texts of the user's that a network carries, under keys. */
#ifndef BPI_DATA_METADATA_H
#define BPI_DATA_METADATA_H

#include "backprop.h"

/* How many there are; bp_network_metadata_key gives the keys in their order. */
size_t bpi_metadata_count(const bp_network *net);

#endif
