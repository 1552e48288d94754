/* Scaling of columns: x' = (x - offset) * factor on the way in, x = x' / factor + offset on the way out. This
 * file stores it; engine/scale.h applies it. */
#ifndef BPI_NETWORK_SCALING_H
#define BPI_NETWORK_SCALING_H

#include "network/types.h"

/* Is there a scaling? If not, the caller's values are used as they are. */
static inline bool bpi_scaling_is_set(const column_scaling *scaling)
{
    return scaling->factor != NULL;
}

/* Allocates an empty scaling for columns >= 1 columns. False, with the scaling still empty, when there is no
 * memory. */
bool bpi_scaling_reserve(const bp_allocator *allocator, column_scaling *scaling, size_t columns);

/* *copy (empty) = a scaling of `columns` columns, repeated `times` >= 1 times side by side. False, with the
 * copy still empty, when there is no memory. */
bool bpi_scaling_copy(const bp_allocator *allocator, column_scaling *copy, const column_scaling *scaling,
                      size_t columns, size_t times);

/*
 * Releases *old and moves *fresh into it. An identity over `columns` columns is released too and leaves *old
 * empty, so that equal networks are saved as equal bytes, and the engine reads the caller's inputs in place.
 */
void bpi_scaling_replace(const bp_allocator *allocator, column_scaling *old, column_scaling *fresh,
                         size_t columns);

/* Releases the memory and leaves the scaling empty. */
void bpi_scaling_clear(const bp_allocator *allocator, column_scaling *scaling);

#endif
