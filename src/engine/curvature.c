/* Products of the Hessian of E, and of its Gauss-Newton part, with a vector: Pearlmutter (1994), Schraudolph
 * (2002). Public calls; see backprop.h. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/activation.h"
#include "engine/error.h"
#include "engine/forward.h"
#include "engine/gradient.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "engine/product.h"
#include "engine/seed_pass.h"
#include "engine/tangent.h"
#include "engine/weight_gradient.h"
#include "engine/workspace.h"
#include "network/activation_kind.h"

typedef struct curvature_pass {
    const char *function;
    bp_workspace *workspace;
    const bp_loss *loss;
    bool gauss_newton; /* without the second derivatives of the network */
    bp_real *product;
    tangent changes;
    bp_workspace changed; /* the workspace with the changes of deltas in place of deltas */
    /* Losses that give dE/dx: that of each output layer, and its change, as seed_pass.dx_seeds. */
    bp_real *loss_delta, *loss_delta_change;
    bp_real *dy; /* of activations whose slope is found from x, see bpi_dy_of */
    size_t rows;
    bool accumulate; /* add to the product of earlier blocks */
} curvature_pass;

static bool gives_delta(const curvature_pass *pass, const bp_layer *layer)
{
    return bpi_loss_gives_delta(bpi_loss_of(pass->loss, layer), &layer->activation);
}

/* ------------------------------------------------------------------- seeds */

/* The part of an array such as loss_delta that belongs to an output layer. */
static bp_real *part_of(const curvature_pass *pass, bp_real *deltas, const bp_layer *layer)
{
    return deltas + pass->rows * layer->output_column;
}

/* A layer whose loss gives dE/dy adds nothing to the dE/dx of others. */
static void clear_part(const curvature_pass *pass, bp_real *deltas, const bp_layer *layer)
{
    if (deltas != NULL)
        memset(part_of(pass, deltas, layer), 0, pass->rows * layer->units * sizeof *deltas);
}

/* dE/dy, or dE/dx, of the output layers begins the backward pass. */
static void seed_derivatives(const curvature_pass *pass)
{
    bp_workspace *workspace = pass->workspace;
    const bp_network *net = workspace->network;
    seed_pass seeds = {.workspace = workspace, .rows = pass->rows, .dy = pass->dy};
    double error = 0, deviation = 0; /* not wanted */
    bpi_seed_begin(&seeds);
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const loss_block block = bpi_error_block(workspace, pass->loss, layer, pass->rows);
        bp_real *derivative = workspace->arrays[layer->index].delta;
        if (gives_delta(pass, layer)) {
            seeds.dx_seeds = pass->loss_delta;
            derivative = part_of(pass, pass->loss_delta, layer);
        } else {
            bpi_seed_layer(&seeds, layer);
            clear_part(pass, pass->loss_delta, layer);
        }
        bpi_loss_block(bpi_loss_of(pass->loss, layer), &layer->activation, &block, derivative, &error,
                       &deviation);
    }
    bpi_seed_run(&seeds);
}

/* Where the change of the loss's derivative by an output layer goes: `delta` if that is dE/dy. */
static bp_real *find_loss_change(const curvature_pass *pass, const bp_layer *layer, bp_real *delta)
{
    const loss_block block = bpi_error_block(pass->workspace, pass->loss, layer, pass->rows);
    bp_real *change = gives_delta(pass, layer) ? part_of(pass, pass->loss_delta_change, layer) : delta;
    bpi_loss_change(bpi_loss_of(pass->loss, layer), &layer->activation, &block,
                    pass->changes.arrays[layer->index].y, change);
    return change;
}

/* ------------------------------------------------------------- Gauss-Newton */

static void add_gauss_newton(const curvature_pass *pass)
{
    bp_workspace *workspace = pass->workspace;
    const bp_network *net = workspace->network;
    seed_pass seeds = {.workspace = workspace, .rows = pass->rows};
    const weight_pass weights = {.workspace = workspace,
                                 .rows = pass->rows,
                                 .accumulate = pass->accumulate,
                                 .gradient = pass->product};
    bpi_seed_begin(&seeds);
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        bp_real *delta = workspace->arrays[layer->index].delta;
        if (find_loss_change(pass, layer, delta) == delta) {
            bpi_seed_layer(&seeds, layer);
            clear_part(pass, pass->loss_delta_change, layer);
        } else {
            seeds.dx_seeds = pass->loss_delta_change;
        }
    }
    bpi_seed_run(&seeds);
    for (size_t i = net->layer_count; i-- > 0;)
        if (!net->layers[i]->is_input)
            bpi_layer_gradient(&weights, net->layers[i]);
}

/* ------------------------------------------------------------------ Hessian */

/* Adds the change of a layer's slopes to that of dE/dx. A loss that gives dE/dx has no part in the slope. */
static void add_slope_change(const curvature_pass *pass, const bp_layer *layer, bp_real *change)
{
    const layer_arrays *arrays = &pass->workspace->arrays[layer->index];
    const bp_real *delta = arrays->delta;
    if (layer->is_output && gives_delta(pass, layer)) {
        const bp_real *of_loss = part_of(pass, pass->loss_delta, layer);
        bp_real *rest = pass->workspace->temporary;
        for (size_t i = 0; i < pass->rows * layer->units; i++)
            rest[i] = delta[i] - of_loss[i];
        delta = rest;
    }
    bpi_activation_curvature(&layer->activation, pass->rows, layer->units, arrays->x, arrays->y,
                             pass->changes.arrays[layer->index].x,
                             bpi_dy_of(layer, pass->workspace->network, pass->rows, pass->dy), delta, change);
}

/* Completes the change of dE/dx of a layer, whose array has the contributions of later layers, if any. */
static void finish_change(const curvature_pass *pass, const bp_layer *layer)
{
    const bp_workspace *workspace = pass->workspace;
    const size_t count = pass->rows * layer->units;
    bp_real *change = pass->changes.arrays[layer->index].delta;
    const bool has_change = layer->outgoing_count > 0;
    const bp_real *of_loss = NULL;
    if (layer->is_output) {
        of_loss = find_loss_change(pass, layer, has_change ? workspace->temporary : change);
        for (size_t i = 0; !gives_delta(pass, layer) && has_change && i < count; i++)
            change[i] += of_loss[i];
    }
    if (has_change || !gives_delta(pass, layer)) {
        bpi_activation_backward(workspace->network->kernel, &layer->activation, pass->rows, layer->units,
                                workspace->arrays[layer->index].x, workspace->arrays[layer->index].y, change,
                                NULL);
        add_slope_change(pass, layer, change);
    }
    for (size_t i = 0; layer->is_output && gives_delta(pass, layer) && i < count; i++)
        change[i] = has_change ? change[i] + of_loss[i] : of_loss[i];
}

/* Adds delta of the receiving layer times the connection's part of `weights` to the change of the sending
 * layer's dE/dy. */
static void add_product(const curvature_pass *pass, const bp_connection *connection, const bp_real *delta,
                        const bp_real *weights, bool accumulate)
{
    const bp_layer *to = connection->to, *from = connection->from;
    const matrix_product product = {
        .m = pass->rows,
        .n = from->units,
        .k = to->units,
        .a = delta,
        .a_stride = to->units,
        .b = weights + connection->offset,
        .b_stride = from->units,
        .c = pass->changes.arrays[from->index].delta,
        .c_stride = from->units,
        .accumulate = accumulate,
        .scratch = pass->workspace->scratch,
    };
    bpi_product(pass->workspace, connection, PRODUCT_BACKWARD, &product);
}

/* R dE/dy_i = sum_j (w_ji R dE/dx_j + v_ji dE/dx_j), of eq. 7. */
static void propagate_change(const curvature_pass *pass, const bp_connection *connection)
{
    const size_t to = connection->to->index, from = connection->from->index;
    size_t *received = &pass->changed.contributions[from];
    add_product(pass, connection, pass->changes.arrays[to].delta, pass->workspace->network->weights,
                *received > 0);
    add_product(pass, connection, pass->workspace->arrays[to].delta, pass->changes.vector, true);
    ++*received;
}

/* R dE/dw_ji = R dE/dx_j y_i + dE/dx_j R y_i, of eq. 6. */
static void add_weight_changes(const curvature_pass *pass, const bp_layer *layer)
{
    bp_workspace with_outputs = *pass->workspace;
    with_outputs.outputs = pass->changes.outputs;
    weight_pass weights = {.workspace = &pass->changed,
                           .rows = pass->rows,
                           .accumulate = pass->accumulate,
                           .gradient = pass->product};
    bpi_layer_gradient(&weights, layer);
    weights.workspace = &with_outputs;
    weights.accumulate = true;
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (!layer->incoming[i]->from->is_input)
            bpi_connection_gradient(&weights, layer->incoming[i]);
}

static void add_hessian(const curvature_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    seed_derivatives(pass);
    bpi_seed_begin(&(seed_pass){.workspace = pass->workspace}); /* counts the contributions of changes now */
    for (size_t i = net->layer_count; i-- > 0;) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input)
            continue;
        finish_change(pass, layer);
        for (size_t j = 0; j < layer->incoming_count; j++)
            if (!layer->incoming[j]->from->is_input)
                propagate_change(pass, layer->incoming[j]);
        add_weight_changes(pass, layer);
    }
}

/* ------------------------------------------------------------------- whole */

/* The Gauss-Newton matrix needs no second derivative of an activation, but its pass has no array for the
 * first ones, which the functions of a custom activation write. */
static bp_status check_built_in(const char *function, const bp_network *net, const bp_loss *loss,
                                bool gauss_newton)
{
    if (bpi_loss_is_custom(loss))
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: a custom loss has no second derivative; only built-in losses have", function);
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input && layer->activation.kind == ACTIVATION_CUSTOM)
            return bpi_fail(BP_ERROR_UNSUPPORTED,
                            "%s: layer '%s': the custom activation '%s' %s; only built-in activations %s",
                            function, layer->name, layer->activation.name,
                            gauss_newton ? "is not supported" : "has no second derivative",
                            gauss_newton ? "are" : "have");
    }
    return BP_OK;
}

static size_t first_not_finite(const bp_real *values)
{
    size_t i = 0;
    while (isfinite(values[i]))
        i++;
    return i;
}

static bp_status check_finite(const char *function, const bp_network *net, const bp_real *values,
                              const char *what, const char *why)
{
    if (net->kernel->all_finite(values, net->weight_count))
        return BP_OK;
    const size_t i = first_not_finite(values);
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s of weight %zu is %s%s", function, what, i,
                    bpi_format_real((double)values[i]).text, why);
}

static void run_blocks(curvature_pass *pass, const bp_data *checked)
{
    const bp_network *net = pass->workspace->network;
    const batch all = {.data = checked, .count = checked->cases};
    const bool keep_x = bpi_error_begin(pass->workspace, pass->loss);
    for (size_t i = 0; i < net->weight_count; i++)
        pass->product[i] = 0; /* of weights without uses, in an unrolled network */
    for (size_t start = 0; start < all.count; start += pass->rows) {
        pass->rows = bpi_block_rows(all.count - start, net->block_cases);
        pass->accumulate = start > 0;
        bpi_load_block(pass->workspace, &all, start, pass->rows);
        bpi_forward(pass->workspace, pass->rows, keep_x);
        bpi_tangent_forward(&pass->changes, pass->workspace, pass->rows);
        if (pass->gauss_newton)
            add_gauss_newton(pass);
        else
            add_hessian(pass);
    }
}

/* Allocates dE/dy of activations that need it. */
static bp_status reserve_dy(curvature_pass *pass, size_t rows)
{
    size_t values;
    if (!bpi_dy_values(pass->workspace->network, rows, &values))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: the outputs of %zu cases are too many", pass->function, rows);
    pass->dy = bpi_allocate(&pass->workspace->allocator, values + 1, sizeof(bp_real));
    return pass->dy != NULL ? BP_OK
                            : bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the derivatives of %zu cases",
                                       pass->function, rows);
}

/* Allocates the derivatives of the loss, if it gives dE/dx. */
static bp_status reserve_loss_deltas(curvature_pass *pass, size_t rows)
{
    const bp_network *net = pass->workspace->network;
    const bp_allocator *allocator = &pass->workspace->allocator;
    size_t values;
    bool any = false;
    for (size_t i = 0; i < net->output_count; i++)
        any |= gives_delta(pass, net->outputs[i]);
    if (!any)
        return BP_OK;
    if (!bpi_multiply(rows, net->output_width, &values))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: the outputs of %zu cases are too many", pass->function, rows);
    pass->loss_delta = bpi_allocate(allocator, values, sizeof(bp_real));
    pass->loss_delta_change = bpi_allocate(allocator, values, sizeof(bp_real));
    if (pass->loss_delta == NULL || pass->loss_delta_change == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the derivatives of %zu cases", pass->function,
                        rows);
    return BP_OK;
}

static bp_status run(curvature_pass *pass, const bp_data *checked, const bp_real *vector)
{
    bp_workspace *workspace = pass->workspace;
    const bp_network *net = workspace->network;
    const size_t rows = bpi_min(checked->cases, net->block_cases);
    BPI_TRY(bpi_tangent_create(&pass->changes, pass->function, workspace, rows));
    pass->changes.vector = vector;
    pass->changed = *workspace;
    pass->changed.arrays = pass->changes.arrays;
    bp_status status = reserve_loss_deltas(pass, rows);
    if (status == BP_OK)
        status = reserve_dy(pass, rows);
    if (status == BP_OK) {
        run_blocks(pass, checked);
        bpi_workspace_record_call(workspace, checked->cases);
        status = check_finite(pass->function, net, pass->product, "the product",
                              "; are the weights, the vector or the data too large?");
    }
    bpi_release(&workspace->allocator, pass->loss_delta);
    bpi_release(&workspace->allocator, pass->loss_delta_change);
    bpi_release(&workspace->allocator, pass->dy);
    bpi_tangent_destroy(&pass->changes, workspace);
    return status;
}

static bp_status multiply(const char *function, const bp_network *net, bp_workspace *workspace,
                          const bp_data *data, bp_loss loss, const bp_real *vector, bp_real *product,
                          bool gauss_newton)
{
    bp_data checked;
    BPI_TRY(bpi_workspace_check(function, net, workspace));
    BPI_TRY(bpi_loss_check(function, &loss, net));
    BPI_TRY(check_built_in(function, net, &loss, gauss_newton));
    BPI_TRY(bpi_validate_gradient_call(function, net, workspace, data, &loss, &checked));
    BPI_TRY(check_finite(function, net, vector, "the element of the vector", ""));
    curvature_pass pass = {.function = function,
                           .workspace = workspace,
                           .loss = &loss,
                           .gauss_newton = gauss_newton,
                           .product = product};
    return run(&pass, &checked, vector);
}

bp_status bp_network_hessian_product(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     bp_loss loss, const bp_real *vector, bp_real *product)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(vector);
    BPI_REQUIRE(product);
    return multiply(__func__, net, workspace, data, loss, vector, product, false);
}

bp_status bp_network_gauss_newton_product(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                          bp_loss loss, const bp_real *vector, bp_real *product)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(vector);
    BPI_REQUIRE(product);
    return multiply(__func__, net, workspace, data, loss, vector, product, true);
}
