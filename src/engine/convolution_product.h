/* The matrix products of convolutional connections. */
#ifndef BPI_ENGINE_CONVOLUTION_PRODUCT_H
#define BPI_ENGINE_CONVOLUTION_PRODUCT_H

#include "engine/types.h"

extern const connection_products bpi_convolution_products;

#endif
