#include "engine/dense_product.h"

#include "base/numeric.h"

static size_t scratch(const bp_connection *connection, size_t cases)
{
    const kernel_table *kernel = connection->network->kernel;
    size_t from = connection->from->units, to = connection->to->units;
    size_t forward = kernel->product_scratch(cases, to, from);
    size_t backward = kernel->product_scratch(cases, from, to);
    return bpi_max(bpi_max(forward, backward), kernel->product_scratch(to, from, cases));
}

static void forward(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_forward(product);
}

static void backward(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_backward(product);
}

static void weights(const bp_connection *connection, const matrix_product *product)
{
    connection->network->kernel->product_weights(product);
}

const connection_products bpi_dense_products = {
    .scratch = scratch,
    .split = SPLIT_FREELY,
    .forward = forward,
    .backward = backward,
    .weights = weights,
};
