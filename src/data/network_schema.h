/* The schema of a network, for readers of model files. */
#ifndef BPI_DATA_NETWORK_SCHEMA_H
#define BPI_DATA_NETWORK_SCHEMA_H

#include "data/schema.h"

/* Gives a learned schema to a finalized network, whose allocator it has. SIZE if it does not fit the network,
 * MEMORY: the caller still owns it. */
bp_status bpi_network_take_schema(const char *function, bp_network *net, bp_schema *schema);

/* SIZE if a schema does not fit the network. */
bp_status bpi_network_check_schema(const char *function, const bp_network *net, const bp_schema *schema);

/* In place of the schema that the network has, gives it one that it had before; NULL: none. */
void bpi_network_put_schema(bp_network *net, bp_schema *schema);

#endif
