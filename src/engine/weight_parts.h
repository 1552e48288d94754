/*
 * How the parts of the weight vector are trained. A trainer fills weight_parts from the settings of its
 * network when a run begins and points its workspace at them, unless all weights are trained alike. What a
 * public call computes with a workspace of the caller's does not depend on the settings.
 */
#ifndef BPI_ENGINE_WEIGHT_PARTS_H
#define BPI_ENGINE_WEIGHT_PARTS_H

#include "engine/types.h"

/* Is the slice frozen? */
static inline bool bpi_is_frozen(const bp_workspace *workspace, size_t slice)
{
    return workspace->parts != NULL && workspace->parts->parts[slice].training.is_frozen;
}

/* The factor of a slice on a weight decay. */
static inline double bpi_decay_factor(const bp_workspace *workspace, size_t slice)
{
    return workspace->parts == NULL ? 1 : workspace->parts->parts[slice].training.decay_factor;
}

/* Do only frozen weights lead to the layer, over however many layers? Then nobody needs its delta. */
static inline bool bpi_is_fixed(const bp_workspace *workspace, const bp_layer *layer)
{
    return workspace->parts != NULL && workspace->parts->is_fixed[layer->index];
}

/* The fused update of a slice: that of its part, else `whole`. */
static inline const weight_update *bpi_update_of(const bp_workspace *workspace, size_t slice,
                                                 const weight_update *whole)
{
    return workspace->parts == NULL ? whole : &workspace->parts->parts[slice].update;
}

/* False: out of memory, and what was allocated is the caller's to clear. */
bool bpi_weight_parts_create(weight_parts *parts, const bp_allocator *allocator, const bp_network *net);
void bpi_weight_parts_clear(weight_parts *parts, const bp_allocator *allocator);

/* Takes over the settings of the network. With decay_biases false, the decay factor of biases and of learned
 * initial states is 0; where nothing decays, all of them are 1. spares_biases says whether that is all by
 * which the parts differ. */
void bpi_weight_parts_read(weight_parts *parts, const bp_network *net, bool decays, bool decay_biases);

/* Zeroes the elements of frozen weights in a vector that is as long as the weights. */
void bpi_clear_frozen(const bp_workspace *workspace, bp_real *vector);

/* Are they 0? */
bool bpi_frozen_are_zero(const bp_workspace *workspace, const bp_real *vector);

/* Consecutive weights that are trained, with the same learning rate and decay. */
typedef struct trained_range {
    size_t first, count;
    double learning_rate, decay, penalty, decay_factor;
    size_t next_slice; /* for bpi_next_range */
} trained_range;

/* The first such range, if *range is 0, else the one after it; false: there is none. Without parts it is the
 * whole vector; rate and decay are not set then. */
bool bpi_next_range(const bp_workspace *workspace, trained_range *range);

#endif
