/* The matrix products of a connection, by its kind. */
#ifndef BPI_ENGINE_CONNECTION_PRODUCT_H
#define BPI_ENGINE_CONNECTION_PRODUCT_H

#include "engine/types.h"

const connection_products *bpi_connection_products(const bp_connection *connection);

#endif
