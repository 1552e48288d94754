#include "engine/seed_pass.h"

#include <string.h>

#include "base/memory.h"
#include "engine/activation.h"
#include "engine/product.h"
#include "network/activation_kind.h"

void bpi_seed_begin(const seed_pass *pass)
{
    bp_workspace *workspace = pass->workspace;
    memset(workspace->contributions, 0, workspace->network->layer_count * sizeof *workspace->contributions);
}

void bpi_seed_layer(const seed_pass *pass, const bp_layer *layer)
{
    pass->workspace->contributions[layer->index]++;
}

bool bpi_seed_reached(const seed_pass *pass, const bp_layer *layer)
{
    return pass->workspace->contributions[layer->index] > 0;
}

/* The units of the layers before `end` whose slope is found from x. */
static size_t units_that_need_x(const bp_network *net, size_t end)
{
    size_t units = 0;
    for (size_t i = 0; i < end; i++)
        if (!net->layers[i]->is_input && bpi_activation_needs_x(&net->layers[i]->activation))
            units += net->layers[i]->units;
    return units;
}

bp_real *bpi_dy_of(const bp_layer *layer, const bp_network *net, size_t rows, bp_real *dy)
{
    return dy + rows * units_that_need_x(net, layer->index);
}

bool bpi_dy_values(const bp_network *net, size_t rows, size_t *values)
{
    return bpi_multiply(rows, units_that_need_x(net, net->layer_count), values);
}

/* Adds the seeds that are derivatives by x to the delta of an output layer. */
static void add_dx_seeds(const seed_pass *pass, const bp_layer *layer)
{
    const bp_real *seeds = pass->dx_seeds + pass->rows * layer->output_column;
    bp_real *delta = pass->workspace->arrays[layer->index].delta;
    const bool has_delta = bpi_seed_reached(pass, layer);
    for (size_t i = 0; i < pass->rows * layer->units; i++)
        delta[i] = has_delta ? delta[i] + seeds[i] : seeds[i];
    bpi_seed_layer(pass, layer);
}

/* [RHW86] eq. 5, for the derivatives by y that have come together. */
static void finish_delta(const seed_pass *pass, const bp_layer *layer)
{
    const bp_workspace *workspace = pass->workspace;
    const layer_arrays *arrays = &workspace->arrays[layer->index];
    if (pass->dy != NULL && bpi_activation_needs_x(&layer->activation))
        memcpy(bpi_dy_of(layer, workspace->network, pass->rows, pass->dy), arrays->delta,
               pass->rows * layer->units * sizeof *pass->dy);
    if (bpi_seed_reached(pass, layer))
        bpi_activation_backward(workspace->network->kernel, &layer->activation, pass->rows, layer->units,
                                arrays->x, arrays->y, arrays->delta, workspace->temporary);
    if (layer->is_output && pass->dx_seeds != NULL)
        add_dx_seeds(pass, layer);
}

/* [RHW86] eq. 7. */
static void propagate(const seed_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    const bp_layer *to = connection->to, *from = connection->from;
    const matrix_product product = {
        .m = pass->rows,
        .n = from->units,
        .k = to->units,
        .a = workspace->arrays[to->index].delta,
        .a_stride = to->units,
        .b = workspace->network->weights + connection->offset,
        .b_stride = from->units,
        .c = workspace->arrays[from->index].delta,
        .c_stride = from->units,
        .accumulate = bpi_seed_reached(pass, from),
        .scratch = workspace->scratch,
    };
    bpi_product(workspace, connection, PRODUCT_BACKWARD, &product);
    bpi_seed_layer(pass, from);
}

void bpi_seed_run(const seed_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = net->layer_count; i-- > 0;) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input)
            continue;
        finish_delta(pass, layer);
        for (size_t j = 0; j < layer->incoming_count && bpi_seed_reached(pass, layer); j++)
            if (!layer->incoming[j]->from->is_input || pass->to_inputs)
                propagate(pass, layer->incoming[j]);
    }
}
