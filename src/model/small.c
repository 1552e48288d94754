#include "model/small.h"

#include <math.h>

#include "base/memory.h"
#include "model/activation.h"
#include "model/error.h"
#include "model/scaling.h"

enum {
    MOST_WEIGHTS = 512,
    WEIGHTS_PER_CASE =
        16 /* of a batch: with fewer cases, summing each weight's lanes takes longer than it saves */
};

/* ------------------------------------------------------------------- the decision */

static bool is_known(const bp_layer *layer)
{
    if (layer->is_input)
        return true;
    return layer->incoming_count > 0 && layer->activation.kind <= ACTIVATION_SOFTMAX &&
           layer->shares_bias == NULL;
}

bool bpi_is_small(const bp_network *net, size_t weights)
{
    if (weights > MOST_WEIGHTS || net->layer_count > SMALL_MOST_LAYERS || net->delayed_count > 0)
        return false;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!is_known(net->layers[i]))
            return false;
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->shares != NULL || net->connections[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    return true;
}

bool bpi_small_takes(const bp_network *net, size_t cases)
{
    return net->small != NULL && cases > 1;
}

bool bpi_small_takes_loss(const bp_network *net, size_t cases, const bp_loss *loss)
{
    return bpi_small_takes(net, cases) && loss->kind == LOSS_SQUARED_ERROR;
}

bool bpi_small_takes_gradient(const bp_network *net, size_t cases, const bp_loss *loss)
{
    return bpi_small_takes_loss(net, cases, loss) && net->weight_count / WEIGHTS_PER_CASE <= cases;
}

/* ---------------------------------------------------------------- the description */

/* Its parts, behind each other in one block of memory. */
typedef struct small_parts {
    small_net *net;
    small_layer *layers;
    small_link *links;
    small_sender *senders;
} small_parts;

small_net *bpi_small_allocate(const bp_network *net)
{
    size_t senders = net->layer_count; /* a bias for each */
    for (size_t i = 0; i < net->connection_count; i++)
        senders += net->connections[i]->from->units;
    size_t bytes = sizeof(small_net) + net->layer_count * sizeof(small_layer) +
                   2 * net->connection_count * sizeof(small_link) + senders * sizeof(small_sender);
    return bpi_allocate_zeroed(&net->allocator, 1, bytes);
}

static small_parts find_parts(const bp_network *net)
{
    small_parts parts = {.net = net->small};
    parts.layers = (small_layer *)(void *)(parts.net + 1);
    parts.links = (small_link *)(void *)(parts.layers + net->layer_count);
    parts.senders = (small_sender *)(void *)(parts.links + 2 * net->connection_count);
    return parts;
}

static void add_senders(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->senders = parts->senders;
    if (layer->has_bias)
        *parts->senders++ = (small_sender){
            .row = parts->net->rows, .place = parts->net->one, .offset = layer->bias_offset, .stride = 1};
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const small_layer *from = &parts->layers[connection->from->index];
        for (size_t unit = 0; unit < from->units; unit++)
            *parts->senders++ = (small_sender){.row = from->first + unit,
                                               .place = from->place + unit,
                                               .offset = connection->offset + unit,
                                               .stride = from->units};
    }
    made->sender_count = (size_t)(parts->senders - made->senders);
}

static small_link link_with(const small_parts *parts, const bp_layer *other, const bp_connection *connection)
{
    const small_layer *layer = &parts->layers[other->index];
    return (small_link){other->index, layer->first, layer->place, layer->units, connection->offset};
}

static void add_links(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->incoming = parts->links;
    made->incoming_count = layer->incoming_count;
    for (size_t i = 0; i < layer->incoming_count; i++)
        *parts->links++ = link_with(parts, layer->incoming[i]->from, layer->incoming[i]);
    made->outgoing = parts->links;
    made->outgoing_count = layer->outgoing_count;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        *parts->links++ = link_with(parts, layer->outgoing[i]->to, layer->outgoing[i]);
}

/* Rows behind each other, places further apart. */
static void place_layer(small_net *net, small_layer *layer)
{
    layer->first = net->rows;
    layer->place = net->places;
    net->rows += layer->units;
    net->places += (layer->units + SMALL_APART - 1) / SMALL_APART * SMALL_APART;
}

void bpi_small_fill(bp_network *net)
{
    small_parts parts = find_parts(net);
    *parts.net = (small_net){.layers = parts.layers,
                             .layer_count = net->layer_count,
                             .weight_count = net->weight_count,
                             .output_width = net->output_width,
                             .ends_in_outputs = true,
                             .is_plain = true};
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        parts.layers[i] = (small_layer){.units = layer->units,
                                        .activation = layer->activation.kind,
                                        .is_input = layer->is_input,
                                        .is_output = layer->is_output,
                                        .has_bias = layer->has_bias,
                                        .column = layer->column,
                                        .output_column = layer->output_column,
                                        .bias = layer->bias_offset};
        place_layer(parts.net, &parts.layers[i]);
        parts.net->is_plain &= layer->is_input || layer->activation.kind != ACTIVATION_SOFTMAX;
    }
    parts.net->one = parts.net->places;
    parts.net->places += SMALL_APART;
    for (size_t i = 0; i < net->output_count; i++)
        parts.net->ends_in_outputs &= net->outputs[i]->outgoing_count == 0;
    parts.net->is_plain &= parts.net->ends_in_outputs;
    for (size_t i = 0; i < net->layer_count; i++) {
        small_layer *layer = &parts.layers[i];
        add_links(&parts, net->layers[i], layer);
        layer->has_few_terms = layer->incoming_count == 1 && layer->incoming[0].units <= SMALL_FEW &&
                               layer->activation != KERNEL_SOFTMAX;
        if (!net->layers[i]->is_input)
            add_senders(&parts, net->layers[i], &parts.layers[i]);
    }
}

/* ------------------------------------------------------------------------ a pass */

/* Points at the caller's arrays or, without cases, at the workspace's block. */
static void point_at_values(const bp_workspace *workspace, const batch *cases, bool keep,
                            small_values values[])
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        const layer_state *state = &workspace->states[i];
        if (!layer->is_input)
            values[i] = (small_values){.outputs = keep ? state->own_y : NULL};
        else if (cases == NULL)
            values[i] = (small_values){.inputs = state->y, .stride = state->y_stride};
        else
            values[i] = (small_values){.inputs = cases->data->inputs + layer->column,
                                       .stride = cases->data->input_stride};
    }
}

/* All cases at once, where they are. */
static void run_in_place(const bp_workspace *workspace, const batch *cases, small_pass *pass,
                         small_values values[], bool keep)
{
    point_at_values(workspace, cases, keep, values);
    pass->order = cases->order;
    pass->first = cases->first;
    pass->count = cases->count;
    pass->targets = cases->data->targets;
    pass->target_stride = cases->data->target_stride;
    pass->case_weights = cases->data->case_weights;
    workspace->network->kernel->run_small(pass);
}

/* Block by block, as they are scaled into the workspace. */
static void run_blocks(bp_workspace *workspace, const batch *cases, small_pass *pass, small_values values[],
                       bool keep)
{
    const bp_network *net = workspace->network;
    bp_real *input_gradient = pass->input_gradient;
    for (size_t start = 0; start < cases->count; start += pass->count) {
        pass->count = bpi_block_rows(cases->count - start, net->block_cases);
        pass->accumulate = start > 0;
        bpi_workspace_load(workspace, cases, start, pass->count, true);
        point_at_values(workspace, NULL, keep, values);
        pass->targets = workspace->targets;
        pass->target_stride = workspace->target_stride;
        pass->case_weights = workspace->case_weights;
        if (input_gradient != NULL)
            pass->input_gradient = input_gradient + start * net->input_width;
        net->kernel->run_small(pass);
    }
}

/* dE/dy of the inputs becomes that of the raw ones. */
static void scale_input_gradient(const bp_network *net, size_t cases, bp_real *input_gradient)
{
    const bp_real *factor = net->input_scaling.factor;
    if (factor == NULL)
        return;
    for (size_t row = 0; row < cases; row++)
        for (size_t column = 0; column < net->input_width; column++)
            input_gradient[row * net->input_width + column] *= factor[column];
}

void bpi_small_forward(bp_workspace *workspace, size_t rows)
{
    const bp_network *net = workspace->network;
    small_values values[SMALL_MOST_LAYERS];
    point_at_values(workspace, NULL, true, values);
    net->kernel->run_small(&(small_pass){.net = net->small,
                                         .weights = net->weights,
                                         .values = values,
                                         .count = rows,
                                         .scratch = workspace->scratch});
}

void bpi_small_error(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *error,
                     double *deviation)
{
    const bp_network *net = workspace->network;
    small_values values[SMALL_MOST_LAYERS];
    point_at_values(workspace, NULL, true, values);
    small_pass pass = {.net = net->small,
                       .weights = net->weights,
                       .values = values,
                       .count = rows,
                       .targets = workspace->targets,
                       .target_stride = workspace->target_stride,
                       .case_weights = workspace->case_weights,
                       .tolerance = bpi_loss_tolerance(loss),
                       .scratch = workspace->scratch,
                       .error = *error,
                       .deviation = *deviation};
    net->kernel->run_small(&pass);
    *error = pass.error;
    *deviation = pass.deviation;
}

void bpi_small_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss, bool keep,
                        bp_real *gradient, bp_real *input_gradient, batch_error *result)
{
    const bp_network *net = workspace->network;
    small_values values[SMALL_MOST_LAYERS];
    small_pass pass = {.net = net->small,
                       .values = values,
                       .weights = net->weights,
                       .tolerance = bpi_loss_tolerance(loss),
                       .gradient = gradient,
                       .input_gradient = input_gradient,
                       .input_width = net->input_width,
                       .scratch = workspace->scratch};
    keep = keep && cases->count <= workspace->block_cases;
    if (bpi_scaling_is_set(&net->input_scaling) || bpi_scaling_is_set(&net->target_scaling))
        run_blocks(workspace, cases, &pass, values, keep);
    else
        run_in_place(workspace, cases, &pass, values, keep);
    if (input_gradient != NULL)
        scale_input_gradient(net, cases->count, input_gradient);
    *result = (batch_error){.error = pass.error, .largest_deviation = pass.deviation};
}

/* ------------------------------------------------------------------- a single case */

void bpi_small_point(bp_workspace *workspace)
{
    for (size_t i = 0; i < workspace->network->layer_count; i++) {
        const layer_state *state = &workspace->states[i];
        workspace->small_states[i] =
            (small_state){.y = state->own_y, .own_y = state->own_y, .delta = state->delta};
    }
}

void bpi_small_forward_case(bp_workspace *workspace, bool keep_x)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        workspace->small_states[i].y = workspace->states[i].y;
        workspace->small_states[i].x = keep_x && net->layers[i]->is_output ? workspace->states[i].x : NULL;
    }
    net->kernel->small_case->forward(net->small, net->weights, workspace->small_states);
    for (size_t i = 0; i < net->output_count; i++)
        workspace->small_states[net->outputs[i]->index].x = NULL;
}

void bpi_small_backward_case(bp_workspace *workspace, bp_real *gradient)
{
    const bp_network *net = workspace->network;
    net->kernel->small_case->backward(net->small, net->weights, workspace->small_states);
    if (gradient != NULL)
        net->kernel->small_case->weigh(net->small, workspace->small_states, gradient);
}

bool bpi_small_learns_cases(const bp_network *net, const bp_loss *loss)
{
    return net->small != NULL && net->small->is_plain && loss->kind == LOSS_SQUARED_ERROR;
}

static small_run make_run(const bp_workspace *workspace, const bp_loss *loss)
{
    return (small_run){.net = workspace->network->small,
                       .tolerance = bpi_loss_tolerance(loss),
                       .scratch = workspace->scratch};
}

/* Cases `start` .. of the batch: where they are or, if they are to be scaled, one block at most of them in
 * the workspace. */
static void point_at_cases(bp_workspace *workspace, const batch *cases, size_t start, small_values values[],
                           small_run *run)
{
    const bp_network *net = workspace->network;
    const bp_data *data = cases->data;
    run->values = values;
    run->count = cases->count - start;
    if (!bpi_scaling_is_set(&net->input_scaling) && !bpi_scaling_is_set(&net->target_scaling)) {
        point_at_values(workspace, cases, false, values);
        run->order = cases->order == NULL ? NULL : cases->order + start;
        run->first = cases->first + start;
        run->targets = data->targets;
        run->target_stride = data->target_stride;
        run->case_weights = data->case_weights;
        return;
    }
    if (run->count > workspace->block_cases)
        run->count = workspace->block_cases;
    bpi_workspace_load(workspace, cases, start, run->count, true);
    point_at_values(workspace, NULL, false, values);
    run->order = NULL;
    run->first = 0;
    run->targets = workspace->targets;
    run->target_stride = workspace->target_stride;
    run->case_weights = workspace->case_weights;
}

/* Loss, vectors and wants_squares are those of the call that began the run; rates are those of each call. */
void bpi_small_learn_cases(bp_workspace *workspace, case_run *learned)
{
    const small_case_table *kernel = workspace->network->kernel->small_case;
    small_values values[SMALL_MOST_LAYERS];
    small_run *run = &learned->small;
    if (!learned->away) {
        *run = make_run(workspace, learned->loss);
        run->change = learned->change;
        run->wants_squares = learned->wants_squares;
        kernel->run_begin(run);
        learned->away = true;
    }
    run->change.rate = learned->change.rate;
    run->change.momentum = learned->change.momentum;
    run->change.keep = learned->change.keep;
    run->keeps = learned->keep != NULL;
    run->keep = run->keeps ? learned->keep : run->keep;
    run->error = learned->error.error;
    run->deviation = learned->error.largest_deviation;
    run->greatest_squares = learned->greatest_squares;
    do {
        point_at_cases(workspace, learned->cases, learned->done, values, run);
        kernel->run_cases(run);
        learned->done += run->done;
        run->keeps = false;
    } while (run->done == run->count && learned->done < learned->cases->count);
    learned->finite = run->finite;
    learned->error = (batch_error){.error = run->error, .largest_deviation = run->deviation};
    learned->greatest_squares = run->greatest_squares;
}

void bpi_small_settle(const bp_workspace *workspace, case_run *learned)
{
    workspace->network->kernel->small_case->run_end(&learned->small);
    learned->away = false;
}

void bpi_small_case_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss,
                             bp_real *gradient, batch_error *result)
{
    const bp_network *net = workspace->network;
    const small_case_table *kernel = net->kernel->small_case;
    small_values values[SMALL_MOST_LAYERS];
    small_run run = make_run(workspace, loss);
    run.change.weights = net->weights;
    run.gradient = gradient;
    kernel->run_begin(&run);
    point_at_cases(workspace, cases, 0, values, &run);
    kernel->run_cases(&run);
    kernel->run_end(&run);
    *result = (batch_error){.error = run.error, .largest_deviation = run.deviation};
}

/* What bp_network_predict checks, for data as they mostly are. */
static bool is_plain_case(const bp_network *net, const bp_workspace *workspace, const bp_data *data)
{
    return net->small != NULL && net->weights_set && workspace->network == net && data->cases == 1 &&
           data->size == sizeof *data && data->steps == 1 && data->inputs != NULL &&
           data->input_width == net->input_width && data->input_stride == 0 && data->input_step_stride == 0 &&
           !bpi_scaling_is_set(&net->input_scaling) && !bpi_scaling_is_set(&net->target_scaling);
}

bool bpi_small_predict_case(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                            bp_real *outputs)
{
    if (!is_plain_case(net, workspace, data))
        return false;
    bp_real zero = 0; /* or NaN, if an input is not finite */
    for (size_t i = 0; i < net->input_width; i++)
        zero += data->inputs[i] - data->inputs[i];
    if (zero != 0)
        return false;
    const small_net *small = net->small;
    for (size_t i = 0; i < small->layer_count; i++)
        if (small->layers[i].is_input)
            workspace->small_states[i].y = data->inputs + small->layers[i].column;
    net->kernel->small_case->forward(small, net->weights, workspace->small_states);
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        const bp_real *y = workspace->small_states[layer->index].own_y;
        for (size_t unit = 0; unit < layer->units; unit++)
            *outputs++ = y[unit];
    }
    workspace->last_cases = 1;
    return true;
}
