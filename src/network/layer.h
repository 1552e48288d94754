/* Adding layers, marking outputs. */
#ifndef BPI_NETWORK_LAYER_H
#define BPI_NETWORK_LAYER_H

#include "network/types.h"

/* bp_network_add_layer with messages that begin with `function`; activation NULL: an input. Trusts that the
 * other pointers are not NULL and the network is not finalized. */
bp_status bpi_add_layer(bp_layer **out, const char *function, bp_network *net, const char *name, size_t units,
                        const bp_activation *activation);
/* The same without checking the name. MEMORY. */
bp_status bpi_append_layer(bp_layer **out, const char *function, bp_network *net, const char *name,
                           size_t units, const bp_activation *activation);
/* bp_layer_set_output, likewise. */
bp_status bpi_set_output(const char *function, bp_layer *layer);

/* Number of biases, 0 if they are switched off. */
size_t bpi_bias_count(const bp_layer *layer);

/* Destructor, also of half-built layers; NULL is allowed. */
void bpi_layer_free(bp_layer *layer);

#endif
