/* Scaling of columns: x' = (x - offset) * factor on the way in, x = x' / factor + offset on the way out. Here
 * it is kept; engine/scale.h applies it. */
#ifndef BPI_NETWORK_SCALING_H
#define BPI_NETWORK_SCALING_H

#include "network/types.h"

/* Is any column changed by it? If not, the caller's values can be used where they are. */
static inline bool bpi_scaling_is_set(const column_scaling *scaling)
{
    return scaling->factor != NULL;
}

/* Room for columns >= 1 columns in an empty scaling. False, and still empty, when there is no memory. */
bool bpi_scaling_reserve(const bp_allocator *allocator, column_scaling *scaling, size_t columns);

/* *copy (empty) = scaling, of `columns` columns, `times` times side by side (>= 1). False, and still empty,
 * when there is no memory. */
bool bpi_scaling_copy(const bp_allocator *allocator, column_scaling *copy, const column_scaling *scaling,
                      size_t columns, size_t times);

/* *old is released and becomes *fresh; or empty, and *fresh released, if that changes none of the `columns`
 * columns: so equal networks are saved as equal bytes, and the engine reads the caller's inputs in place. */
void bpi_scaling_replace(const bp_allocator *allocator, column_scaling *old, column_scaling *fresh,
                         size_t columns);

/* Releases its memory; it is then empty. */
void bpi_scaling_clear(const bp_allocator *allocator, column_scaling *scaling);

#endif
