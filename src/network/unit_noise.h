/*
 * What training does to the outputs of a layer: dropout, and normal noise on inputs. Both belong to the
 * network, as frozen weights do, so that copies, unrolled networks and files have them; a trainer takes them
 * over when a run begins (train/layer_noise.h).
 */
#ifndef BPI_NETWORK_UNIT_NOISE_H
#define BPI_NETWORK_UNIT_NOISE_H

#include "network/types.h"

bool bpi_has_noise(const bp_layer *layer);
size_t bpi_layers_with_noise(const bp_network *net);

/* Is a probability, or a standard deviation, one that a layer can have? */
bool bpi_is_dropout(double probability);
bool bpi_is_deviation(double deviation);

/* Sets both, which must be valid, for a layer that may have them; in an unrolled network for the layer of
 * every step. */
void bpi_set_noise(bp_layer *layer, double dropout, double noise);
/* Likewise for all layers: dropout and noise of the first, of the second, ... */
void bpi_set_all_noise(bp_network *net, const double *numbers);

/* ARGUMENT: the layer is one that can have no dropout, or no noise; see backprop.h. */
bp_status bpi_check_may_drop(const char *function, const bp_layer *layer);
bp_status bpi_check_may_have_noise(const char *function, const bp_layer *layer);

#endif
