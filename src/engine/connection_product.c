#include "engine/connection_product.h"

#include "engine/convolution_product.h"
#include "engine/dense_product.h"
#include "engine/masked_product.h"

const connection_products *bpi_connection_products(const bp_connection *connection)
{
    static const connection_products *const kinds[] = {
        [BP_CONNECTION_DENSE] = &bpi_dense_products,
        [BP_CONNECTION_MASKED] = &bpi_masked_products,
        [BP_CONNECTION_CONVOLUTION] = &bpi_convolution_products,
    };
    return kinds[connection->shape.kind];
}
