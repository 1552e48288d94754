/*
 * How each slice of the weight vector is trained: not at all (frozen), or with factors of its own on learning
 * rate and decay. It belongs to the network, as the rules for initial weights do, so that copies, unrolled
 * networks and files have it; a trainer reads it when a run begins (train/weight_parts.h).
 */
#ifndef BPI_NETWORK_TRAINABLE_H
#define BPI_NETWORK_TRAINABLE_H

#include "network/types.h"

/* Trained, with factors of 1. */
slice_training bpi_default_training(void);

/* Is it that? */
bool bpi_is_default_training(const slice_training *training);

/* Sets bp_layer.is_fixed of all layers, after a slice was frozen or is trained again. */
void bpi_find_fixed_layers(bp_network *net);

/* For networks of the same slices. */
void bpi_copy_training(bp_network *to, const bp_network *from);

/* A weight from a unit that is always 1 is a bias, or a learned initial state: the slices that the settings
 * of a layer's biases belong to. Returns how many there are, 0 to 2. */
size_t bpi_bias_slices(const bp_layer *layer, size_t slices[2]);

/* For vectors as long as the weights: sets the elements of frozen weights as they are in `from`; are they the
 * same in both? */
void bpi_copy_frozen(const bp_network *net, bp_real *to, const bp_real *from);
bool bpi_have_equal_frozen(const bp_network *net, const bp_real *a, const bp_real *b);

/* After new weights were drawn: those that are frozen are again as in another network of the same slices, and
 * it says whether scaling may be chosen for them; unless that one has no weights yet. */
void bpi_keep_frozen(bp_network *net, const bp_network *from);

#endif
