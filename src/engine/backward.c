#include "engine/backward.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "engine/activation.h"
#include "engine/error.h"
#include "engine/loss.h"
#include "engine/plan.h"
#include "engine/product.h"
#include "engine/small_case.h"
#include "engine/unit_noise.h"
#include "engine/weight_gradient.h"
#include "engine/weight_parts.h"
#include "network/activation_kind.h"

static void add(bp_real *to, const bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += values[i];
}

/* A slope that is NaN or infinite for finite x and y is an error of the custom activation; for other x or y
 * it is divergence. */
static void check_slopes(backward_pass *pass, const bp_layer *layer)
{
    const layer_arrays *arrays = &pass->workspace->arrays[layer->index];
    const bp_real *slope = pass->workspace->temporary;
    size_t count = pass->rows * layer->units;
    if (pass->workspace->network->kernel->all_finite(slope, count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(slope[i]) || !isfinite(arrays->x[i]) || !isfinite(arrays->y[i]))
            continue;
        pass->status = bpi_fail(
            BP_ERROR_NOT_FINITE,
            "%s: layer '%s': the derivative of activation '%s' is %s at x = %s (unit %zu)", pass->function,
            layer->name, layer->activation.name, bpi_format_real((double)slope[i]).text,
            bpi_format_real((double)arrays->x[i]).text, i % layer->units);
        return;
    }
}

/* Likewise the derivative of a custom loss, if its E is finite. */
static void check_loss_derivative(backward_pass *pass, const bp_layer *layer, const bp_real *derivative)
{
    size_t count = pass->rows * layer->units;
    if (!isfinite(pass->workspace->errors[layer->index]) ||
        pass->workspace->network->kernel->all_finite(derivative, count))
        return;
    size_t i = 0;
    while (isfinite(derivative[i]))
        i++;
    pass->status = bpi_fail(
        BP_ERROR_NOT_FINITE, "%s: layer '%s': the derivative of the custom loss is %s at y = %s (unit %zu)",
        pass->function, layer->name, bpi_format_real((double)derivative[i]).text,
        bpi_format_real((double)pass->workspace->arrays[layer->index].y[i]).text, i % layer->units);
}

static void apply_slope(backward_pass *pass, const bp_layer *layer)
{
    const layer_arrays *arrays = &pass->workspace->arrays[layer->index];
    bpi_activation_backward(pass->workspace->network->kernel, &layer->activation, pass->rows, layer->units,
                            arrays->x, arrays->y, arrays->delta, pass->workspace->temporary);
    if (layer->activation.kind == ACTIVATION_CUSTOM)
        check_slopes(pass, layer);
}

/* Is the slope, eq. 5, applied by the product of the last contribution to delta? */
static bool fuses_slope(const backward_pass *pass, const bp_layer *layer)
{
    if (layer->is_input || !bpi_activation_is_fused(&layer->activation))
        return false;
    return !layer->is_output || bpi_loss_gives_delta(bpi_loss_of(pass->loss, layer), &layer->activation);
}

/* Completes delta of an output layer: the contributions of later layers, if there are any, plus the
 * derivative of the loss, which is dE/dy, eq. 4, or already dE/dx. */
static void finish_output(backward_pass *pass, const bp_layer *layer)
{
    const layer_arrays *arrays = &pass->workspace->arrays[layer->index];
    bp_workspace *workspace = pass->workspace;
    const bp_loss *loss = bpi_loss_of(pass->loss, layer);
    loss_block block = bpi_error_block(workspace, pass->loss, layer, pass->rows);
    bool has_outgoing = workspace->contributions[layer->index] > 0;
    bool gives_delta = bpi_loss_gives_delta(loss, &layer->activation);
    if (has_outgoing && gives_delta && !fuses_slope(pass, layer))
        apply_slope(pass, layer);
    bp_real *derivative = has_outgoing ? workspace->temporary : arrays->delta;
    bpi_loss_block(loss, &layer->activation, &block, derivative, &workspace->errors[layer->index],
                   &pass->deviation);
    if (bpi_loss_is_custom(loss))
        check_loss_derivative(pass, layer, derivative);
    if (has_outgoing)
        add(arrays->delta, derivative, pass->rows * layer->units);
    if (!gives_delta && pass->status == BP_OK)
        apply_slope(pass, layer);
}

/* Completes delta, which has the contributions of later layers, to dE/dx of the layer. */
static void finish_delta(backward_pass *pass, const bp_layer *layer)
{
    if (bpi_drops(pass->workspace, layer)) /* the order of factor and slope, if that is fused, is free */
        bpi_drop_deltas(pass->workspace, layer, pass->rows);
    if (layer->is_output)
        finish_output(pass, layer);
    else if (!fuses_slope(pass, layer))
        apply_slope(pass, layer);
}

static product_epilogue slope_of(const bp_layer *layer, const bp_real *y)
{
    if (layer->activation.kind == ACTIVATION_LINEAR)
        return (product_epilogue){.kind = EPILOGUE_NONE};
    return (product_epilogue){.kind = EPILOGUE_SLOPE, .slope = {layer->activation.kind, y, layer->units}};
}

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j * w_ji; eq. 5 with the last contribution. */
static void propagate_delta(const backward_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    const bp_layer *to = connection->to, *from = connection->from;
    const layer_arrays *arrays = &workspace->arrays[from->index];
    size_t *received = &workspace->contributions[from->index];
    bool is_last = *received + 1 == from->outgoing_count;
    bool with_slope = is_last && fuses_slope(pass, from);
    matrix_product product = {
        .m = pass->rows,
        .n = from->units,
        .k = to->units,
        .a = workspace->arrays[to->index].delta,
        .a_stride = to->units,
        .b = workspace->network->weights + connection->offset,
        .b_stride = from->units,
        .c = arrays->delta,
        .c_stride = from->units,
        .accumulate = *received > 0,
        .epilogue = with_slope ? slope_of(from, arrays->y) : (product_epilogue){.kind = EPILOGUE_NONE},
        .scratch = workspace->scratch,
    };
    bpi_product(workspace, connection, PRODUCT_BACKWARD, &product);
    ++*received;
}

static void add_gradient(const backward_pass *pass, const bp_layer *layer)
{
    const weight_pass weights = {.workspace = pass->workspace,
                                 .rows = pass->rows,
                                 .accumulate = pass->accumulate,
                                 .gradient = pass->gradient};
    bpi_layer_gradient(&weights, layer);
}

/* Is dE/dx of the layer, or dE/dy of an input, of any use? Not where only frozen weights lead to it. */
static bool needs_delta(const backward_pass *pass, const bp_layer *layer)
{
    if (pass->to_inputs)
        return true;
    return !layer->is_input && !bpi_is_fixed(pass->workspace, layer);
}

static void backward_layer(backward_pass *pass, const bp_layer *layer)
{
    if (layer->is_output || needs_delta(pass, layer))
        finish_delta(pass, layer);
    if (pass->status != BP_OK || !needs_delta(pass, layer))
        return;
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (needs_delta(pass, layer->incoming[i]->from))
            propagate_delta(pass, layer->incoming[i]);
    if (pass->gradient != NULL)
        add_gradient(pass, layer);
}

/* dE/dw = 0 for weights without uses in an unrolled network. */
static void clear_unused(const backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        if (slice->uses == 0)
            memset(pass->gradient + slice->offset, 0, slice->count * sizeof *pass->gradient);
    }
}

static void backward_layers(backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = net->layer_count; i-- > 0 && pass->status == BP_OK;)
        if (!net->layers[i]->is_input)
            backward_layer(pass, net->layers[i]);
    if (pass->gradient != NULL && net->has_unused_slices)
        clear_unused(pass);
}

/* A single case of a small network. */
static void backward_small_case(backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = 0; i < net->output_count && pass->status == BP_OK; i++)
        finish_delta(pass, net->outputs[i]);
    if (pass->status == BP_OK)
        bpi_small_case_backward(pass->workspace, pass->gradient);
}

bp_status bpi_backward(backward_pass *pass)
{
    const bp_workspace *workspace = pass->workspace;
    unsigned facts = workspace->facts | bpi_case_facts(workspace->network, pass->rows);
    if (!pass->to_inputs)
        facts |= FACT_NO_INPUT_GRADIENT;
    memset(workspace->contributions, 0, workspace->network->layer_count * sizeof *workspace->contributions);
    if (bpi_plan(TASK_BACKWARD, facts) == PATH_SMALL_CASE)
        backward_small_case(pass);
    else
        backward_layers(pass);
    return pass->status;
}
