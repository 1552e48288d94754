/* Vectors as long as the weights: products, whose sums are in double, and multiples. */
#ifndef BPI_TRAIN_VECTORS_H
#define BPI_TRAIN_VECTORS_H

#include <stddef.h>

#include "backprop.h"

/* The sum of a[i] b[i]. */
double bpi_dot(const bp_real *a, const bp_real *b, size_t count);

/* to = from + factor * direction, rounded once. `to` may be one of the two. */
void bpi_add_multiple(bp_real *to, const bp_real *from, double factor, const bp_real *direction,
                      size_t count);

/* to = a - b */
void bpi_subtract(bp_real *to, const bp_real *a, const bp_real *b, size_t count);

#endif
