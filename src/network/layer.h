/* Adding layers, marking outputs. */
#ifndef BPI_NETWORK_LAYER_H
#define BPI_NETWORK_LAYER_H

#include "network/types.h"

/* What bp_network_add_layer does, with messages that begin with `function`; activation NULL: an input. Trusts
 * the pointers not to be NULL, and the network not to be finalized. */
bp_status bpi_add_layer(bp_layer **out, const char *function, bp_network *net, const char *name, size_t units,
                        const bp_activation *activation);
/* The same without looking at whether the name will do. MEMORY. */
bp_status bpi_append_layer(bp_layer **out, const char *function, bp_network *net, const char *name,
                           size_t units, const bp_activation *activation);
/* What bp_layer_set_output does, likewise. */
bp_status bpi_set_output(const char *function, bp_layer *layer);

/* Number of biases, 0 if they are switched off. */
size_t bpi_bias_count(const bp_layer *layer);

/* Destructor of half-built layers too; takes NULL. */
void bpi_layer_free(bp_layer *layer);

#endif
