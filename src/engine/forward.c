#include "engine/forward.h"

#include <string.h>

#include "engine/activation.h"
#include "engine/product.h"
#include "engine/small_batch.h"
#include "engine/small_case.h"
#include "engine/unit_noise.h"
#include "engine/weight_panels.h"
#include "network/activation_kind.h"

/* Is the activation a step of its own, after the products, instead of the epilogue of the last one? */
static bool is_out_of_place(const bp_layer *layer, const layer_arrays *arrays, bool keep_x)
{
    if (!bpi_activation_is_fused(&layer->activation))
        return true;
    return keep_x && layer->is_output && arrays->x != NULL;
}

/* Initializes total inputs with the biases or 0. In an unrolled network the copy of a layer for step 0, which
 * is linear and receives nothing, gets its initial state. */
static void fill_sums(const bp_network *net, const bp_layer *layer, size_t rows, bp_real *sums)
{
    const bp_real *values = layer->initial_state;
    if (layer->learns_state)
        values = net->weights + layer->state_offset;
    else if (layer->has_bias)
        values = net->weights + layer->bias_offset;
    for (size_t j = 0; j < layer->units; j++)
        sums[j] = values == NULL ? 0 : values[j / layer->units_per_bias];
    for (size_t row = 1; row < rows; row++)
        memcpy(sums + row * layer->units, sums, layer->units * sizeof *sums);
}

/* Are the sums initialized before the first product? If not, that adds the biases. */
static bool starts_filled(const bp_layer *layer)
{
    if (layer->incoming_count == 0)
        return true;
    return layer->has_bias &&
           (layer->units_per_bias > 1 || layer->incoming[0]->shape.kind != BP_CONNECTION_DENSE);
}

static void set_activation(product_epilogue *epilogue, const bp_layer *layer)
{
    if (layer->activation.kind == ACTIVATION_LINEAR)
        return;
    epilogue->kind = EPILOGUE_ACTIVATION;
    epilogue->activation = layer->activation.kind;
}

/* [RHW86] eq. 1, over all connections that end in the layer, and eq. 2. */
static void forward_layer(bp_workspace *workspace, const bp_layer *layer, size_t rows, bool keep_x)
{
    const bp_network *net = workspace->network;
    const layer_arrays *arrays = &workspace->arrays[layer->index];
    bool *has_next_sums = &workspace->next.has_sums[layer->index];
    bool out_of_place = layer->incoming_count == 0 || is_out_of_place(layer, arrays, keep_x);
    bool filled = starts_filled(layer);
    bp_real *sums = out_of_place && arrays->x != NULL ? arrays->x : arrays->y;
    if (filled)
        fill_sums(net, layer, rows, sums);
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const layer_outputs *from = &workspace->outputs[connection->from->index];
        bool is_last = i + 1 == layer->incoming_count;
        /* Set member by member: most of it is an epilogue that updates, which takes long to zero. */
        matrix_product product;
        product.m = rows;
        product.n = layer->units;
        product.k = connection->from->units;
        product.a = from->y;
        product.a_stride = from->stride;
        product.b = net->weights + connection->offset;
        product.b_stride = connection->from->units;
        product.c = sums;
        product.c_stride = layer->units;
        product.accumulate = filled || i > 0;
        product.panels = bpi_panels_of(workspace, connection);
        product.in_panels = false;
        product.bias = !filled && i == 0 && layer->has_bias ? net->weights + layer->bias_offset : NULL;
        product.epilogue.kind = EPILOGUE_NONE;
        product.scratch = workspace->scratch;
        if (is_last && !out_of_place)
            set_activation(&product.epilogue, layer);
        if (i == 0 && *has_next_sums)
            net->kernel->forward_from_sums(&product, arrays->next_sums);
        else
            bpi_product(workspace, connection, PRODUCT_FORWARD, &product);
    }
    *has_next_sums = false;
    if (out_of_place)
        bpi_activation_forward(net->kernel, &layer->activation, rows, layer->units, sums, arrays->y);
    if (bpi_drops(workspace, layer))
        bpi_drop_outputs(workspace, layer, rows);
}

static void forward_layers(bp_workspace *workspace, size_t rows, bool keep_x)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->is_input)
            forward_layer(workspace, net->layers[i], rows, keep_x);
}

plan_path bpi_forward_path(const bp_workspace *workspace, size_t rows, bool keep_x)
{
    unsigned facts = workspace->facts | bpi_case_facts(workspace->network, rows);
    return bpi_plan(TASK_FORWARD, keep_x ? facts : facts | FACT_X_UNSEEN);
}

void bpi_forward_outputs(bp_workspace *workspace, size_t rows)
{
    const unsigned facts = workspace->facts | bpi_case_facts(workspace->network, rows);
    if (bpi_plan(TASK_PREDICT, facts) == PATH_SMALL_CASE)
        bpi_small_case_forward(workspace, false);
    else
        bpi_forward(workspace, rows, false);
}

void bpi_forward(bp_workspace *workspace, size_t rows, bool keep_x)
{
    switch (bpi_forward_path(workspace, rows, keep_x)) {
    case PATH_SMALL_CASE:
        bpi_small_case_forward(workspace, keep_x);
        break;
    case PATH_SMALL_BATCH:
        bpi_small_batch_forward(workspace, rows);
        break;
    case PATH_PANELS:
        bpi_update_panels(workspace);
        forward_layers(workspace, rows, keep_x);
        break;
    default:
        forward_layers(workspace, rows, keep_x);
    }
}
