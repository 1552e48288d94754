/* The sparse matrix products of masked connections. */
#ifndef BPI_ENGINE_MASKED_PRODUCT_H
#define BPI_ENGINE_MASKED_PRODUCT_H

#include "engine/types.h"

extern const connection_products bpi_masked_products;

#endif
