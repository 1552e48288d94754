/* Creating networks. */
#ifndef BPI_NETWORK_NETWORK_H
#define BPI_NETWORK_NETWORK_H

#include "network/types.h"

/* Creates an empty network. Trusts that allocator and kernel table are valid. MEMORY. */
bp_status bpi_network_new(bp_network **out, const char *function, const bp_allocator *allocator,
                          const kernel_table *kernel);
/* Sets the registered activations of an empty network, copied with their names. MEMORY. */
bp_status bpi_register_activations(bp_network *net, const char *function, const bp_activation *activations,
                                   size_t count);
/* bp_network_create with messages that begin with `function`. */
bp_status bpi_network_create(bp_network **out, const char *function, const bp_network_options *options);

#endif
