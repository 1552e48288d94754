#include "engine/tangent.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/activation.h"
#include "engine/product.h"

enum { ARRAYS = 3 };

/* ------------------------------------------------------------------- memory */

/* The number of values of all arrays; false on overflow. */
static bool count_values(const bp_network *net, size_t rows, size_t *values)
{
    size_t units = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->is_input && !bpi_add(units, net->layers[i]->units, &units))
            return false;
    return bpi_multiply(units, ARRAYS, values) && bpi_multiply(*values, rows, values);
}

static void lay_out(const tangent *changes, const bp_network *net, size_t rows)
{
    bp_real *next = changes->memory;
    for (size_t i = 0; i < net->layer_count; i++) {
        const size_t units = net->layers[i]->units, count = rows * units;
        if (net->layers[i]->is_input)
            continue;
        changes->arrays[i] = (layer_arrays){.x = next, .y = next + count, .delta = next + 2 * count};
        changes->outputs[i] = (layer_outputs){.y = next + count, .stride = units};
        next += ARRAYS * count;
    }
}

void bpi_tangent_destroy(tangent *changes, const bp_workspace *workspace)
{
    bpi_release(&workspace->allocator, changes->arrays);
    bpi_release(&workspace->allocator, changes->outputs);
    bpi_release(&workspace->allocator, changes->memory);
}

bp_status bpi_tangent_create(tangent *out, const char *function, const bp_workspace *workspace, size_t rows)
{
    const bp_network *net = workspace->network;
    const bp_allocator *allocator = &workspace->allocator;
    size_t values;
    if (!count_values(net, rows, &values))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: the changes of %zu cases are too many to be computed",
                        function, rows);
    tangent made = {.arrays = bpi_allocate_zeroed(allocator, net->layer_count, sizeof *made.arrays),
                    .outputs = bpi_allocate_zeroed(allocator, net->layer_count, sizeof *made.outputs),
                    .memory = bpi_allocate(allocator, values, sizeof *made.memory)};
    if (made.arrays == NULL || made.outputs == NULL || made.memory == NULL) {
        bpi_tangent_destroy(&made, workspace);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the changes of %zu cases", function, rows);
    }
    lay_out(&made, net, rows);
    *out = made;
    return BP_OK;
}

/* --------------------------------------------------------------------- pass */

/* Adds the products of a connection's sending units with its part of `weights` to the changes of x. */
static void add_product(const bp_workspace *workspace, const bp_connection *connection, size_t rows,
                        const layer_outputs *from, const bp_real *weights, bp_real *x)
{
    const matrix_product product = {
        .m = rows,
        .n = connection->to->units,
        .k = connection->from->units,
        .a = from->y,
        .a_stride = from->stride,
        .b = weights + connection->offset,
        .b_stride = connection->from->units,
        .c = x,
        .c_stride = connection->to->units,
        .accumulate = true,
        .scratch = workspace->scratch,
    };
    bpi_product(workspace, connection, PRODUCT_FORWARD, &product);
}

/* The vector's elements of the biases or of a learned initial state, or 0. */
static void fill_sums(const bp_layer *layer, size_t rows, const bp_real *vector, bp_real *x)
{
    for (size_t row = 0; row < rows; row++, x += layer->units)
        for (size_t j = 0; j < layer->units; j++)
            x[j] = layer->learns_state ? vector[layer->state_offset + j]
                   : layer->has_bias   ? vector[layer->bias_offset + j / layer->units_per_bias]
                                       : 0;
}

static void forward_layer(const tangent *changes, const bp_workspace *workspace, const bp_layer *layer,
                          size_t rows)
{
    const layer_arrays *change = &changes->arrays[layer->index];
    fill_sums(layer, rows, changes->vector, change->x);
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const size_t from = connection->from->index;
        add_product(workspace, connection, rows, &workspace->outputs[from], changes->vector, change->x);
        if (!connection->from->is_input)
            add_product(workspace, connection, rows, &changes->outputs[from], workspace->network->weights,
                        change->x);
    }
    memcpy(change->y, change->x, rows * layer->units * sizeof *change->y);
    /* dy/dx is symmetric, for softmax too: the same function takes dE/dy to dE/dx and R x to R y. */
    bpi_activation_backward(workspace->network->kernel, &layer->activation, rows, layer->units,
                            workspace->arrays[layer->index].x, workspace->arrays[layer->index].y, change->y,
                            NULL);
}

void bpi_tangent_forward(const tangent *changes, const bp_workspace *workspace, size_t rows)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->is_input)
            forward_layer(changes, workspace, net->layers[i], rows);
}
