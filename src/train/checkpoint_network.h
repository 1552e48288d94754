/* What a checkpoint has of the network: the structure, which must be that of the network that it is loaded
 * into, and what training changes. */
#ifndef BPI_TRAIN_CHECKPOINT_NETWORK_H
#define BPI_TRAIN_CHECKPOINT_NETWORK_H

#include "train/archive.h"

/* Reading: STRUCTURE, with the first difference, unless the network has the structure of that in the file.
 * Names of layers do not matter, those of activations do. */
void bpi_archive_structure(archive *a, const bp_network *net);

/* Finite, and not negative. */
bool bpi_is_factor(double value);

/* How each slice of the weights is trained. Reading: to read[0], read[1] ..., and the network stays. */
void bpi_archive_training(archive *a, const bp_network *net, slice_training *read);

/* Dropout and noise of each layer. Reading: to read[0], read[1] for the first layer, and so on, and the
 * network stays. */
void bpi_archive_noise(archive *a, const bp_network *net, double *read);

/* Offsets and factors of `columns` columns. Reading: *scaling is empty, and the caller clears it. */
void bpi_archive_scaling(archive *a, const bp_allocator *allocator, column_scaling *scaling, size_t columns);

#endif
