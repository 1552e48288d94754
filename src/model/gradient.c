#include "model/gradient.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "model/activation.h"
#include "model/data.h"
#include "model/error.h"
#include "model/parallel.h"
#include "model/small.h"

/* ----------------------------------------------------------------- backward pass */

/* The backward pass over one block of cases. */
typedef struct backward_pass {
    const char *function; /* for messages */
    bp_workspace *workspace;
    const bp_loss *loss;
    size_t rows;
    bool accumulate;   /* to the gradient of earlier blocks */
    bp_real *gradient; /* or NULL: not wanted */
    bool to_inputs;    /* also find dE/dy of the inputs */
    bool keep;         /* outputs are to be read from the workspace afterwards */
    /* of the whole weight vector, which the gradient is to change at once; NULL: it is not */
    const weight_change *change;
    double deviation;
    bp_status status; /* anything but BP_OK: a function of the caller's failed, and the pass ends */
} backward_pass;

static void add(bp_real *to, const bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += values[i];
}

/*
 * Is an activation of the caller's to blame for a slope that is NaN or infinite? Not where its x or y are so
 * themselves: that is divergence.
 */
static void check_slopes(backward_pass *pass, const bp_layer *layer, const layer_state *state)
{
    const bp_real *slope = pass->workspace->temporary;
    size_t count = pass->rows * layer->units;
    if (pass->workspace->network->kernel->all_finite(slope, count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(slope[i]) || !isfinite(state->x[i]) || !isfinite(state->y[i]))
            continue;
        pass->status = bpi_fail(
            BP_ERROR_NOT_FINITE,
            "%s: layer '%s': the derivative of activation '%s' is %s at x = %s (unit %zu)", pass->function,
            layer->name, layer->activation.name, bpi_format_real((double)slope[i]).text,
            bpi_format_real((double)state->x[i]).text, i % layer->units);
        return;
    }
}

/* The same question for a loss of the caller's that gave an E which is neither. */
static void check_loss_derivative(backward_pass *pass, const bp_layer *layer, const layer_state *state,
                                  const bp_real *derivative)
{
    size_t count = pass->rows * layer->units;
    if (!isfinite(state->error) || pass->workspace->network->kernel->all_finite(derivative, count))
        return;
    size_t i = 0;
    while (isfinite(derivative[i]))
        i++;
    pass->status =
        bpi_fail(BP_ERROR_NOT_FINITE,
                 "%s: layer '%s': the derivative of the user-defined loss is %s at y = %s (unit %zu)",
                 pass->function, layer->name, bpi_format_real((double)derivative[i]).text,
                 bpi_format_real((double)state->y[i]).text, i % layer->units);
}

static void apply_slope(backward_pass *pass, const bp_layer *layer, const layer_state *state)
{
    bpi_activation_backward(pass->workspace->network->kernel, &layer->activation, pass->rows, layer->units,
                            state->x, state->y, state->delta, pass->workspace->temporary);
    if (layer->activation.kind == ACTIVATION_CUSTOM)
        check_slopes(pass, layer, state);
}

/* Can the slope, eq. 5, be multiplied in as the last contribution of a later layer arrives? */
static bool fuses_slope(const backward_pass *pass, const bp_layer *layer)
{
    if (layer->is_input || !bpi_activation_is_elementwise(&layer->activation))
        return false;
    return !layer->is_output || bpi_loss_gives_delta(pass->loss, &layer->activation);
}

/*
 * Makes delta the dE/dx of an output layer. What the loss gives is dE/dy, eq. 4, or dE/dx already; it is
 * added to what later layers have sent, if the output leads on to any.
 */
static void finish_output(backward_pass *pass, const bp_layer *layer, layer_state *state)
{
    bp_workspace *workspace = pass->workspace;
    loss_block block = bpi_error_block(workspace, layer, pass->rows);
    bool leads_on = layer->outgoing_count > 0;
    bool gives_delta = bpi_loss_gives_delta(pass->loss, &layer->activation);
    if (leads_on && gives_delta && !fuses_slope(pass, layer))
        apply_slope(pass, layer, state);
    bp_real *derivative = leads_on ? workspace->temporary : state->delta;
    bpi_loss_block(pass->loss, &layer->activation, &block, derivative, &state->error, &pass->deviation);
    if (pass->loss->kind == LOSS_CUSTOM)
        check_loss_derivative(pass, layer, state, derivative);
    if (leads_on)
        add(state->delta, derivative, pass->rows * layer->units);
    if (!gives_delta && pass->status == BP_OK)
        apply_slope(pass, layer, state);
}

/* Makes delta, which holds what later layers have sent, the dE/dx of the layer. */
static void finish_delta(backward_pass *pass, const bp_layer *layer, layer_state *state)
{
    if (layer->is_output)
        finish_output(pass, layer, state);
    else if (!fuses_slope(pass, layer))
        apply_slope(pass, layer, state);
}

/* The part of a change that belongs to the weights from `offset` on. */
static weight_change change_at(const weight_change *whole, size_t offset)
{
    weight_change part = *whole;
    part.weights += offset;
    part.change += offset;
    return part;
}

/* [RHW86] eq. 6: dE/dw_ji = dE/dx_j * y_i, summed over the cases. */
static void weight_gradient(const backward_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    const layer_state *from = &workspace->states[connection->from->index];
    matrix_product product = {
        .m = connection->to->units,
        .n = connection->from->units,
        .k = pass->rows,
        .a = workspace->states[connection->to->index].delta,
        .a_stride = connection->to->units,
        .b = from->y,
        .b_stride = from->y_stride,
        .c = pass->gradient + connection->offset,
        .c_stride = connection->from->units,
        .accumulate = pass->accumulate || !connection->writes_first,
        .activation = KERNEL_LINEAR,
        .scratch = workspace->scratch,
    };
    if (pass->change != NULL)
        product.change = change_at(pass->change, connection->offset);
    if (from->next_y != NULL && connection == connection->to->incoming[0] &&
        connection->shape.kind == BP_CONNECTION_DENSE) {
        layer_state *to = &workspace->states[connection->to->index];
        product.next_y = from->next_y;
        product.next_sums = to->next_sums;
        to->has_next_sums = true;
    }
    bpi_product(workspace, connection, PRODUCT_WEIGHTS, &product);
}

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j * w_ji; eq. 5 with the last contribution. */
static void send_back(const backward_pass *pass, const bp_connection *connection)
{
    const bp_workspace *workspace = pass->workspace;
    const bp_network *net = workspace->network;
    const bp_layer *to = connection->to, *from = connection->from;
    layer_state *state = &workspace->states[from->index];
    bool is_last = state->arrived + 1 == from->outgoing_count;
    bool with_slope = is_last && fuses_slope(pass, from);
    matrix_product product = {
        .m = pass->rows,
        .n = from->units,
        .k = to->units,
        .a = workspace->states[to->index].delta,
        .a_stride = to->units,
        .b = net->weights + connection->offset,
        .b_stride = from->units,
        .c = state->delta,
        .c_stride = from->units,
        .accumulate = state->arrived > 0,
        .activation = with_slope ? from->activation.kind : KERNEL_LINEAR,
        .slope_y = with_slope ? state->y : NULL,
        .slope_y_stride = state->y_stride,
        .scratch = workspace->scratch,
    };
    bpi_product(workspace, connection, PRODUCT_BACKWARD, &product);
    state->arrived++;
}

/* The derivative of a weight from a unit that is always 1: a bias, or the y of a learned initial state. */
static void sum_deltas(const backward_pass *pass, const bp_layer *layer, size_t offset, bool accumulate)
{
    const bp_workspace *workspace = pass->workspace;
    const kernel_table *kernel = workspace->network->kernel;
    bp_real *gradient = pass->gradient + offset;
    kernel->column_sums(pass->rows, layer->units, workspace->states[layer->index].delta, layer->units,
                        gradient, accumulate);
    if (pass->change == NULL)
        return;
    weight_change part = change_at(pass->change, offset);
    for (size_t i = 0; part.divisor != 1 && i < layer->units; i++)
        gradient[i] /= part.divisor;
    kernel->momentum_update(part.weights, gradient, part.change, layer->units, part.rate, part.momentum,
                            part.keep);
}

/* The same where several units have one bias, whose derivative is the sum of theirs. */
static void sum_bias_deltas(const backward_pass *pass, const bp_layer *layer, bool accumulate)
{
    if (layer->units_per_bias == 1) {
        sum_deltas(pass, layer, layer->bias_offset, accumulate);
        return;
    }
    const bp_workspace *workspace = pass->workspace;
    bp_real *sums = workspace->temporary, *biases = pass->gradient + layer->bias_offset;
    workspace->network->kernel->column_sums(pass->rows, layer->units, workspace->states[layer->index].delta,
                                            layer->units, sums, false);
    for (size_t i = 0; i < bpi_bias_count(layer); i++) {
        bp_real sum = accumulate ? biases[i] : 0;
        for (size_t j = 0; j < layer->units_per_bias; j++)
            sum += *sums++;
        biases[i] = sum;
    }
}

/* [RHW86] eq. 6 for all weights that lead into a layer, from its delta. */
static void layer_gradient(const backward_pass *pass, const bp_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++)
        weight_gradient(pass, layer->incoming[i]);
    if (layer->has_bias)
        sum_bias_deltas(pass, layer, pass->accumulate || !layer->bias_writes_first);
    if (layer->learns_state)
        sum_deltas(pass, layer, layer->state_offset, pass->accumulate);
}

static void backward_layer(backward_pass *pass, const bp_layer *layer)
{
    finish_delta(pass, layer, &pass->workspace->states[layer->index]);
    if (pass->status != BP_OK)
        return;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        if (!connection->from->is_input || pass->to_inputs)
            send_back(pass, connection);
    }
    if (pass->gradient != NULL)
        layer_gradient(pass, layer);
}

/* Weights of the original that no copy in an unrolled network uses. */
static void clear_unused(const backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        if (slice->places == 0)
            memset(pass->gradient + slice->offset, 0, slice->count * sizeof *pass->gradient);
    }
}

/* A single case of a small network. */
static void backward_small(backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    for (size_t i = 0; i < net->output_count && pass->status == BP_OK; i++)
        finish_delta(pass, net->outputs[i], &pass->workspace->states[net->outputs[i]->index]);
    if (pass->status == BP_OK)
        bpi_small_backward_case(pass->workspace, pass->gradient);
}

static void backward(backward_pass *pass)
{
    const bp_network *net = pass->workspace->network;
    if (net->small != NULL && net->small->ends_in_outputs && pass->rows == 1 && !pass->to_inputs) {
        backward_small(pass);
        return;
    }
    for (size_t i = 0; i < net->layer_count; i++)
        pass->workspace->states[i].arrived = 0;
    for (size_t i = net->layer_count; i-- > 0 && pass->status == BP_OK;)
        if (!net->layers[i]->is_input)
            backward_layer(pass, net->layers[i]);
    if (pass->gradient != NULL && net->has_unused_slices)
        clear_unused(pass);
}

/* --------------------------------------------------------------- blocks of cases */

/* dE/dx of the raw inputs of a block: dE/dy of the input layers times the factor of their scaling. */
static void store_input_gradient(const bp_workspace *workspace, size_t rows, bp_real *out)
{
    const bp_network *net = workspace->network;
    const bp_real *factor = net->input_scaling.factor;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input)
            continue;
        const layer_state *state = &workspace->states[i];
        for (size_t row = 0; row < rows; row++)
            for (size_t unit = 0; unit < layer->units; unit++) {
                size_t column = layer->column + unit;
                bp_real scale = factor == NULL ? 1 : factor[column];
                /* Nothing arrives at inputs of an unrolled network that lead to no output. */
                bp_real delta = state->arrived > 0 ? state->delta[row * layer->units + unit] : 0;
                out[row * net->input_width + column] = delta * scale;
            }
    }
}

static void run_small(backward_pass *pass, const batch *cases, bp_real *input_gradient)
{
    batch_error found;
    bpi_small_gradient(pass->workspace, cases, pass->loss, pass->keep, pass->gradient, input_gradient,
                       &found);
    bpi_error_set(pass->workspace, found.error);
    pass->deviation = found.largest_deviation;
}

/* Forward and backward over all blocks. Blocks are cut as the network says, whatever room the workspace has.
 */
static bp_status run_blocks(backward_pass *pass, const batch *cases, bp_real *input_gradient)
{
    bp_workspace *workspace = pass->workspace;
    const bp_network *net = workspace->network;
    if (bpi_small_takes_gradient(net, cases->count, pass->loss)) {
        run_small(pass, cases, input_gradient);
        return BP_OK;
    }
    bool keep_x = bpi_error_begin(workspace, pass->loss);
    for (size_t start = 0; start < cases->count; start += pass->rows) {
        pass->rows = bpi_block_rows(cases->count - start, net->block_cases);
        pass->accumulate = start > 0;
        bpi_workspace_load(workspace, cases, start, pass->rows, true);
        bpi_forward(workspace, pass->rows, keep_x);
        backward(pass);
        if (pass->status != BP_OK) {
            workspace->last_cases = 0;
            return pass->status;
        }
        if (input_gradient != NULL)
            store_input_gradient(workspace, pass->rows, input_gradient + start * net->input_width);
    }
    return BP_OK;
}

bp_status bpi_batch_gradient(const char *function, bp_workspace *workspace, const batch *cases,
                             const bp_loss *loss, bp_real *gradient, batch_error *result)
{
    backward_pass pass = {.function = function, .workspace = workspace, .loss = loss, .gradient = gradient};
    BPI_TRY(run_blocks(&pass, cases, NULL));
    *result = (batch_error){.error = bpi_error_sum(workspace), .largest_deviation = pass.deviation};
    return BP_OK;
}

bp_status bpi_backward(const char *function, bp_workspace *workspace, size_t rows, const bp_loss *loss,
                       bp_real *gradient, double *deviation)
{
    backward_pass pass = {.function = function,
                          .workspace = workspace,
                          .loss = loss,
                          .rows = rows,
                          .gradient = gradient,
                          .deviation = *deviation};
    backward(&pass);
    *deviation = pass.deviation;
    return pass.status;
}

/* -------------------------------------------------------- gradient and change in one */

bool bpi_change_goes_with_gradient(const bp_network *net, size_t cases, const bp_loss *loss)
{
    return net->has_plain_gradient && cases <= net->block_cases &&
           !bpi_small_takes_gradient(net, cases, loss);
}

void bpi_batch_change(bp_workspace *workspace, size_t cases, const weight_change *change, bp_real *gradient)
{
    const bp_network *net = workspace->network;
    backward_pass pass = {.workspace = workspace, .rows = cases, .gradient = gradient, .change = change};
    for (size_t i = net->layer_count; i-- > 0;)
        if (!net->layers[i]->is_input)
            layer_gradient(&pass, net->layers[i]);
}

static double sum_of_squares(const bp_network *net, const bp_real *values, size_t count)
{
    return net->kernel->sum_of_squares(values, count);
}

double bpi_case_gradient_squares(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    double total = 0;
    for (size_t i = net->layer_count; i-- > 0;) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input)
            continue;
        double from = (double)layer->has_bias + (double)layer->learns_state;
        for (size_t j = 0; j < layer->incoming_count; j++) {
            const bp_layer *below = layer->incoming[j]->from;
            from += sum_of_squares(net, workspace->states[below->index].y, below->units);
        }
        total += from * sum_of_squares(net, workspace->states[i].delta, layer->units);
    }
    return total;
}

/* ------------------------------------------------------------------ public calls */

bp_status bpi_gradient_enter(const char *function, const bp_network *net, bp_workspace *workspace,
                             const bp_data *data, const bp_loss *loss, bp_data *checked)
{
    BPI_TRY(bpi_workspace_check(function, net, workspace));
    BPI_TRY(bpi_loss_check(function, loss, net));
    BPI_TRY(bpi_data_check_with(function, "data", workspace, data, DATA_BOTH, checked));
    BPI_TRY(bpi_loss_check_targets(function, "data", loss, net, checked));
    return bpi_workspace_reserve(function, workspace, checked->cases, true);
}

static void leave(bp_workspace *workspace, size_t cases, double *error)
{
    bpi_workspace_leave(workspace, cases);
    if (error != NULL)
        *error = bpi_error_sum(workspace);
}

bp_status bp_network_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                              bp_loss loss, double *error, bp_real *gradient)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(gradient);
    bp_data checked;
    BPI_TRY(bpi_gradient_enter(__func__, net, workspace, data, &loss, &checked));
    backward_pass pass = {
        .function = __func__, .workspace = workspace, .loss = &loss, .gradient = gradient, .keep = true};
    BPI_TRY(run_blocks(&pass, &(batch){.data = &checked, .count = checked.cases}, NULL));
    leave(workspace, checked.cases, error);
    return BP_OK;
}

bp_status bp_network_input_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_loss loss, double *error, bp_real *input_gradient)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(data);
    BPI_REQUIRE(input_gradient);
    bp_data checked;
    BPI_TRY(bpi_gradient_enter(__func__, net, workspace, data, &loss, &checked));
    backward_pass pass = {
        .function = __func__, .workspace = workspace, .loss = &loss, .to_inputs = true, .keep = true};
    BPI_TRY(run_blocks(&pass, &(batch){.data = &checked, .count = checked.cases}, input_gradient));
    leave(workspace, checked.cases, error);
    return BP_OK;
}
