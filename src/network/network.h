/* Creating, destroying and looking at networks. */
#ifndef BPI_NETWORK_NETWORK_H
#define BPI_NETWORK_NETWORK_H

#include "network/types.h"

/* An empty network. Trusts the allocator and the kernel table. MEMORY. */
bp_status bpi_network_new(bp_network **out, const char *function, const bp_allocator *allocator,
                          const kernel_table *kernel);
/* Gives an empty network its table of known activations, copied with their names. NAME, MEMORY. */
bp_status bpi_register_activations(bp_network *net, const char *function, const bp_activation *activations,
                                   size_t count);
/* What bp_network_create does, with messages that begin with `function`. */
bp_status bpi_network_create(bp_network **out, const char *function, const bp_network_options *options);

#endif
