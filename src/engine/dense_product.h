/* The matrix products of dense connections. */
#ifndef BPI_ENGINE_DENSE_PRODUCT_H
#define BPI_ENGINE_DENSE_PRODUCT_H

#include "engine/types.h"

extern const connection_products bpi_dense_products;

#endif
