#include "engine/weight_gradient.h"

#include "engine/input_panels.h"
#include "engine/product.h"
#include "engine/weight_parts.h"
#include "network/layer.h"

/* The part of an update that belongs to a slice, which begins at `offset`. */
static weight_update update_at(const weight_pass *pass, size_t slice, size_t offset)
{
    weight_update part = *bpi_update_of(pass->workspace, slice, pass->update);
    part.weights += offset;
    part.last_update += offset;
    return part;
}

/* The gradient of a connection updates its weights; where the inputs of the next case are loaded, their sums
 * for the first connection of a layer are made with them. */
static void set_update(const weight_pass *pass, const bp_connection *connection, product_epilogue *epilogue)
{
    const bp_workspace *workspace = pass->workspace;
    const size_t from = connection->from->index, to = connection->to->index;
    epilogue->kind = EPILOGUE_UPDATE;
    epilogue->update.rule = update_at(pass, connection->slice, connection->offset);
    if (!workspace->next.is_loaded || !connection->from->is_input ||
        connection != connection->to->incoming[0] || connection->shape.kind != BP_CONNECTION_DENSE)
        return;
    epilogue->kind = EPILOGUE_UPDATE_AND_SUMS;
    epilogue->update.next_y = workspace->next.inputs[from].y;
    epilogue->update.next_sums = workspace->arrays[to].next_sums;
    workspace->next.has_sums[to] = true;
}

/* The transposed gradient updates weights in panels. */
static void update_panels(const weight_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    const size_t from = connection->from->index, to = connection->to->index;
    const matrix_product product = {
        .m = connection->from->units,
        .n = connection->to->units,
        .k = pass->rows,
        .a = workspace->outputs[from].y,
        .a_stride = workspace->outputs[from].stride,
        .b = workspace->arrays[to].delta,
        .b_stride = connection->to->units,
        .in_panels = true,
        .epilogue = {.kind = EPILOGUE_UPDATE,
                     .update.rule = update_at(pass, connection->slice, connection->offset)},
        .scratch = workspace->scratch,
    };
    bpi_product(workspace, connection, PRODUCT_WEIGHTS, &product);
}

/* [RHW86] eq. 6: dE/dw_ji = dE/dx_j * y_i, summed over the cases. */
void bpi_connection_gradient(const weight_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    if (pass->update != NULL && bpi_is_in_panels(workspace, connection)) {
        update_panels(pass, connection);
        return;
    }
    const size_t from = connection->from->index, to = connection->to->index;
    matrix_product product = {
        .m = connection->to->units,
        .n = connection->from->units,
        .k = pass->rows,
        .a = workspace->arrays[to].delta,
        .a_stride = connection->to->units,
        .b = workspace->outputs[from].y,
        .b_stride = workspace->outputs[from].stride,
        .c = pass->gradient + connection->offset,
        .c_stride = connection->from->units,
        .accumulate = pass->accumulate || !connection->is_first_writer,
        .scratch = workspace->scratch,
    };
    if (pass->update != NULL)
        set_update(pass, connection, &product.epilogue);
    bpi_product(workspace, connection, PRODUCT_WEIGHTS, &product);
}

/* Eq. 6 for a weight from a unit that is always 1: a bias, or a learned initial state. */
static void sum_deltas(const weight_pass *pass, const bp_layer *layer, size_t slice, size_t offset,
                       bool accumulate)
{
    const bp_workspace *workspace = pass->workspace;
    const kernel_table *kernel = workspace->network->kernel;
    bp_real *gradient = pass->gradient + offset;
    kernel->column_sums(pass->rows, layer->units, workspace->arrays[layer->index].delta, layer->units,
                        gradient, accumulate);
    if (pass->update == NULL)
        return;
    const weight_update *update = bpi_update_of(workspace, slice, pass->update);
    if (update->gradient_factor != 1)
        kernel->multiply_all(gradient, layer->units, update->gradient_factor);
    if (update->kind == KERNEL_MOMENTUM) { /* without a copy of the update, which a small step would feel */
        kernel->momentum_update(update->weights + offset, gradient, update->last_update + offset,
                                layer->units, update->rate, update->momentum, update->decay_factor);
        return;
    }
    const weight_update part = update_at(pass, slice, offset);
    kernel->rule_update(&part, gradient, layer->units);
}

/* The same where several units share a bias: its derivative is the sum over them. */
static void sum_bias_deltas(const weight_pass *pass, const bp_layer *layer, bool accumulate)
{
    if (layer->units_per_bias == 1) {
        sum_deltas(pass, layer, layer->bias_slice, layer->bias_offset, accumulate);
        return;
    }
    const bp_workspace *workspace = pass->workspace;
    bp_real *sums = workspace->temporary, *biases = pass->gradient + layer->bias_offset;
    workspace->network->kernel->column_sums(pass->rows, layer->units, workspace->arrays[layer->index].delta,
                                            layer->units, sums, false);
    for (size_t i = 0; i < bpi_bias_count(layer); i++) {
        bp_real sum = accumulate ? biases[i] : 0;
        for (size_t j = 0; j < layer->units_per_bias; j++)
            sum += *sums++;
        biases[i] = sum;
    }
}

/* [RHW86] eq. 6 for all weights that lead into a layer, from its delta. */
void bpi_layer_gradient(const weight_pass *pass, const bp_layer *layer)
{
    const bp_workspace *workspace = pass->workspace;
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (!bpi_is_frozen(workspace, layer->incoming[i]->slice))
            bpi_connection_gradient(pass, layer->incoming[i]);
    if (layer->has_bias && !bpi_is_frozen(workspace, layer->bias_slice))
        sum_bias_deltas(pass, layer, pass->accumulate || !layer->is_first_bias_writer);
    if (layer->learns_state && !bpi_is_frozen(workspace, layer->state_slice))
        sum_deltas(pass, layer, layer->state_slice, layer->state_offset, pass->accumulate);
}
