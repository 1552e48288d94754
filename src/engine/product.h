/* The matrix products of a connection, split among the threads of a workspace. */
#ifndef BPI_ENGINE_PRODUCT_H
#define BPI_ENGINE_PRODUCT_H

#include "engine/types.h"

/* Computes one of the three products by the functions of the connection's kind. product->scratch is that of
 * the workspace. */
void bpi_product(const bp_workspace *workspace, const bp_connection *connection, product_kind kind,
                 const matrix_product *product);

#endif
