/* Small networks (small.h) in plain C: a case at a time, each equation a loop. */
#include <string.h>
#include <tgmath.h>

#include "kernel/tables.h"
#include "small/tables.h"

/* ---------------------------------------------------------------------- one case */

/* [RHW86] eq. 1 */
static bp_real total_input(const bp_real *weights, const small_layer *layer, size_t unit,
                           const small_state *states)
{
    bp_real x = layer->has_bias ? weights[layer->bias_offset + unit] : 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const small_connection *connection = &layer->incoming[i];
        const bp_real *w = weights + connection->offset + unit * connection->units;
        for (size_t from = 0; from < connection->units; from++)
            x += w[from] * states[connection->layer].y[from];
    }
    return x;
}

static void forward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        if (layer->is_input)
            continue;
        bp_real *x = states[i].x != NULL ? states[i].x : states[i].own_y;
        for (size_t unit = 0; unit < layer->units; unit++)
            x[unit] = total_input(weights, layer, unit, states);
        if (layer->activation == KERNEL_SOFTMAX)
            bpi_kernel_portable.softmax(x, states[i].own_y, 1, layer->units);
        else if (layer->needs_x)
            bpi_kernel_portable.find_values(layer->activation, layer->parameter, x, states[i].own_y,
                                            layer->units);
        else
            bpi_kernel_portable.activate(layer->activation, x, states[i].own_y, layer->units);
    }
}

/* [RHW86] eq. 7 */
static bp_real propagate_delta(const bp_real *weights, const small_layer *layer, size_t unit,
                               const small_state *states)
{
    bp_real sum = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++) {
        const small_connection *connection = &layer->outgoing[i];
        const bp_real *w = weights + connection->offset + unit;
        for (size_t to = 0; to < connection->units; to++)
            sum += w[to * layer->units] * states[connection->layer].delta[to];
    }
    return sum;
}

/* [RHW86] eq. 5; for softmax dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k). */
static void apply_slope(const small_layer *layer, const small_state *state)
{
    const bp_real *y = state->y;
    bp_real *delta = state->delta, mean = 0;
    if (layer->needs_x) {
        bpi_kernel_portable.multiply_slope_at(layer->activation, layer->parameter, state->x, delta,
                                              layer->units);
        return;
    }
    if (layer->activation != KERNEL_SOFTMAX) {
        bpi_kernel_portable.multiply_slope(layer->activation, y, delta, layer->units);
        return;
    }
    for (size_t unit = 0; unit < layer->units; unit++)
        mean += y[unit] * delta[unit];
    for (size_t unit = 0; unit < layer->units; unit++)
        delta[unit] = y[unit] * (delta[unit] - mean);
}

static void backward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = net->layer_count; i-- > 0;) {
        const small_layer *layer = &net->layers[i];
        if (layer->is_input || layer->is_output)
            continue;
        for (size_t unit = 0; unit < layer->units; unit++)
            states[i].delta[unit] = propagate_delta(weights, layer, unit, states);
        apply_slope(layer, &states[i]);
    }
}

/* [RHW86] eq. 6, added to the gradient. */
static void add_weight_derivatives(const small_net *net, const small_state *states, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        const small_layer *layer = &net->layers[l];
        const bp_real *delta = states[l].delta;
        for (size_t i = 0; i < layer->incoming_count; i++) {
            const small_connection *connection = &layer->incoming[i];
            for (size_t to = 0; to < layer->units; to++)
                for (size_t from = 0; from < connection->units; from++)
                    gradient[connection->offset + to * connection->units + from] +=
                        delta[to] * states[connection->layer].y[from];
        }
        for (size_t unit = 0; layer->has_bias && unit < layer->units; unit++)
            gradient[layer->bias_offset + unit] += delta[unit];
    }
}

static void clear_gradient(const small_net *net, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++)
        for (size_t i = 0; i < net->layers[l].source_count; i++) {
            const small_source *source = &net->layers[l].sources[i];
            for (size_t unit = 0; unit < net->layers[l].units; unit++)
                gradient[source->offset + unit * source->stride] = 0;
        }
}

static void weight_gradient_case(const small_net *net, const small_state *states, bp_real *gradient)
{
    clear_gradient(net, gradient);
    add_weight_derivatives(net, states, gradient);
}

/* --------------------------------------------------------------------- online training */

/* One case of a run: its index in the caller's arrays, and the states of its layers. */
typedef struct online_case {
    small_online_run *run;
    size_t index;
    small_state states[SMALL_MAX_LAYERS];
} online_case;

static void point_at_case(online_case *c, size_t number)
{
    const small_online_run *run = c->run;
    c->index = run->order == NULL ? run->first + number : run->order[number];
    for (size_t i = 0; i < run->net->layer_count; i++) {
        const small_layer *layer = &run->net->layers[i];
        bp_real *own = run->scratch + layer->first_slot;
        c->states[i] = (small_state){.y = own, .own_y = own, .delta = own + run->net->slots};
        if (layer->needs_x)
            c->states[i].x = own + 2 * run->net->slots;
        else if (layer->is_output)
            c->states[i].x = c->states[i].delta;
        if (layer->is_input)
            c->states[i].y = run->values[i].inputs + c->index * run->values[i].stride;
    }
}

/* [RHW86] eq. 3 and 4 for an output layer: returns E, and computes delta, which is dE/dx if the loss says so.
 */
static double find_output_error(const small_layer *layer, const small_state *state, const small_loss *loss,
                                const bp_real *targets, bp_real weight, double *max_abs_error)
{
    output_loss terms = loss->terms;
    double error;
    terms.rows = 1;
    terms.units = layer->units;
    terms.x = state->x;
    terms.y = state->y;
    terms.targets = targets + layer->output_column;
    terms.derivative = state->delta;
    const double max = loss->find != NULL ? loss->find(loss->loss, &terms, &error)
                                          : bpi_kernel_portable.find_loss(&terms, &error);
    *max_abs_error = max > *max_abs_error ? max : *max_abs_error;
    for (size_t unit = 0; unit < layer->units; unit++)
        state->delta[unit] *= weight * (bp_real)loss->weight;
    return error * (double)weight * loss->weight;
}

/* [RHW86] eq. 3, 4 and 5: returns E of an output layer, and computes its dE/dx. */
static double find_output_delta(const online_case *c, const small_layer *layer, const small_state *state,
                                const small_loss *loss)
{
    small_online_run *run = c->run;
    const bp_real weight = run->case_weights == NULL ? 1 : run->case_weights[c->index];
    const double error = find_output_error(layer, state, loss, run->targets + c->index * run->target_stride,
                                           weight, &run->max_abs_error);
    if (!loss->gives_delta)
        apply_slope(layer, state);
    return error;
}

static double find_output_deltas(const online_case *c)
{
    const small_net *net = c->run->net;
    double error = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i].is_output)
            error += find_output_delta(c, &net->layers[i], &c->states[i], &c->run->losses[i]);
    return error;
}

static double sum_of_squares(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

/* E of a case, whose derivatives are added to the sum of the batch. */
static double add_case(online_case *c, size_t number, bp_real *sum)
{
    const small_online_run *run = c->run;
    point_at_case(c, number);
    forward_case(run->net, run->update->weights, c->states);
    const double error = find_output_deltas(c);
    backward_case(run->net, run->update->weights, c->states);
    add_weight_derivatives(run->net, c->states, sum);
    return error;
}

static void update_range(const small_online_run *run, const bp_real *sum, size_t first, size_t count,
                         bp_real decay_factor)
{
    weight_update update = *run->update;
    update.weights += first;
    update.last_update += first;
    update.decay_factor = decay_factor;
    run->net->kernel->rule_update(&update, sum + first, count);
}

/* Part by part, as the biases do not decay. */
static void update_layers(const small_online_run *run, const bp_real *sum)
{
    for (size_t l = 0; l < run->net->layer_count; l++) {
        const small_layer *layer = &run->net->layers[l];
        for (size_t i = 0; i < layer->incoming_count; i++)
            update_range(run, sum, layer->incoming[i].offset, layer->units * layer->incoming[i].units,
                         run->update->decay_factor);
        if (layer->has_bias)
            update_range(run, sum, layer->bias_offset, layer->units, 1);
    }
}

static void update_weights(small_online_run *run, bp_real *sum, size_t cases)
{
    const bp_real factor = run->takes_mean ? 1 / (bp_real)cases : 1;
    for (size_t i = 0; i < run->net->weight_count; i++)
        sum[i] *= factor;
    if (!run->is_prepared)
        run->prepare(run->context, run->update);
    run->is_prepared = run->prepare == NULL;
    if (run->spares_biases)
        update_layers(run, sum);
    else
        run->net->kernel->rule_update(run->update, sum, run->net->weight_count);
}

/* False, without an update, if E is not finite. */
static bool train_batch(online_case *c, size_t number, size_t cases)
{
    small_online_run *run = c->run;
    const size_t weights = run->net->weight_count;
    bp_real *sum = run->scratch + 3 * run->net->slots;
    const double max_abs_error = run->max_abs_error;
    double error = 0;
    for (size_t i = 0; i < weights; i++)
        sum[i] = 0;
    for (size_t i = 0; i < cases; i++)
        error += add_case(c, number + i, sum);
    if (!isfinite(error) && run->gradient == NULL) {
        run->max_abs_error = max_abs_error;
        return false;
    }
    if (number == 0 && run->takes_snapshot)
        memcpy(run->weights_snapshot, run->update->weights, weights * sizeof *run->weights_snapshot);
    run->error += error;
    const double divisor = run->takes_mean ? (double)cases : 1;
    const double squares = run->wants_squared_norm ? sum_of_squares(sum, weights) / (divisor * divisor) : 0;
    run->max_squared_norm = squares > run->max_squared_norm ? squares : run->max_squared_norm;
    if (run->gradient != NULL)
        memcpy(run->gradient, sum, weights * sizeof *sum);
    else
        update_weights(run, sum, cases);
    return true;
}

static void online_train(small_online_run *run)
{
    online_case c = {.run = run};
    size_t cases;
    for (run->done = 0; run->done < run->count; run->done += cases) {
        const size_t left = run->count - run->done;
        cases = left < run->batch ? left : run->batch;
        if (!train_batch(&c, run->done, cases))
            break;
    }
    run->finite = bpi_kernel_portable.all_finite(run->update->weights, run->net->weight_count);
}

/* This kernel keeps no copy of the weights: nothing to do at the beginning and the end of a run. */
static void do_nothing(small_online_run *run)
{
    (void)run;
}

static size_t online_scratch(const small_net *net, bool any_rule)
{
    (void)any_rule;
    return 3 * net->slots + net->weight_count;
}

const small_case_table bpi_small_case_portable = {
    .forward = forward_case,
    .backward = backward_case,
    .weight_gradient = weight_gradient_case,
};

const small_online_table bpi_small_online_portable = {
    .lanes = 1,
    .scratch = online_scratch,
    .begin = do_nothing,
    .train = online_train,
    .end = do_nothing,
};

/* ------------------------------------------------------------------------ a pass */

/* One case of a pass: its index in the caller's arrays, and its number in the pass. */
typedef struct pass_case {
    small_pass *pass;
    size_t index, number;
    small_state states[SMALL_MAX_LAYERS];
} pass_case;

static size_t pass_scratch(const small_net *net)
{
    return 2 * net->rows + net->x_rows;
}

/* y, delta and x of a layer are in the rows of its units. Where the loss alone needs x, it is in those of
 * delta until that is computed. */
static void point_at_states(pass_case *c)
{
    const small_pass *pass = c->pass;
    for (size_t i = 0; i < pass->net->layer_count; i++) {
        const small_layer *layer = &pass->net->layers[i];
        small_state *state = &c->states[i];
        *state = (small_state){.own_y = pass->scratch + layer->first_row};
        state->delta = state->own_y + pass->net->rows;
        state->y = state->own_y;
        if (layer->needs_x)
            state->x = pass->scratch + 2 * pass->net->rows + layer->first_x_row;
        else if (layer->is_output && pass->targets != NULL)
            state->x = state->delta;
        if (layer->is_input)
            state->y = pass->values[i].inputs + c->index * pass->values[i].stride;
    }
}

static void copy_outputs(const pass_case *c)
{
    for (size_t i = 0; i < c->pass->net->layer_count; i++) {
        const small_layer *layer = &c->pass->net->layers[i];
        const small_values *values = &c->pass->values[i];
        const size_t bytes = layer->units * sizeof(bp_real), at = c->number * layer->units;
        if (layer->is_input || values->outputs == NULL)
            continue;
        memcpy(values->outputs + at, c->states[i].y, bytes);
        if (layer->needs_x && values->x != NULL)
            memcpy(values->x + at, c->states[i].x, bytes);
    }
}

static void add_error(const pass_case *c, const small_layer *layer, const small_state *state,
                      const small_loss *loss)
{
    small_pass *pass = c->pass;
    const bp_real weight = pass->case_weights == NULL ? 1 : pass->case_weights[c->index];
    pass->error += find_output_error(layer, state, loss, pass->targets + c->index * pass->target_stride,
                                     weight, &pass->max_abs_error);
}

/* All layers, including inputs and outputs that send to other layers. */
static void backward(const pass_case *c)
{
    const small_pass *pass = c->pass;
    size_t column = pass->input_width;
    for (size_t i = pass->net->layer_count; i-- > 0;) {
        const small_layer *layer = &pass->net->layers[i];
        bp_real *delta = c->states[i].delta;
        if (layer->is_input && pass->input_gradient == NULL)
            continue;
        for (size_t unit = 0; unit < layer->units; unit++)
            delta[unit] =
                (layer->is_output ? delta[unit] : 0) + propagate_delta(pass->weights, layer, unit, c->states);
        if (!layer->is_input) {
            if (!layer->is_output || !pass->losses[i].gives_delta)
                apply_slope(layer, &c->states[i]);
            continue;
        }
        column -= layer->units;
        for (size_t unit = 0; unit < layer->units; unit++)
            pass->input_gradient[c->number * pass->input_width + column + unit] = delta[unit];
    }
}

static void run_case(pass_case *c)
{
    const small_pass *pass = c->pass;
    point_at_states(c);
    forward_case(pass->net, pass->weights, c->states);
    copy_outputs(c);
    for (size_t i = 0; pass->targets != NULL && i < pass->net->layer_count; i++)
        if (pass->net->layers[i].is_output)
            add_error(c, &pass->net->layers[i], &c->states[i], &pass->losses[i]);
    if (pass->gradient != NULL || pass->input_gradient != NULL)
        backward(c);
    if (pass->gradient != NULL)
        add_weight_derivatives(pass->net, c->states, pass->gradient);
}

static void run_pass(small_pass *pass)
{
    pass_case c = {.pass = pass};
    if (pass->gradient != NULL && !pass->accumulate)
        clear_gradient(pass->net, pass->gradient);
    for (; c.number < pass->count; c.number++) {
        c.index = pass->order == NULL ? pass->first + c.number : pass->order[c.number];
        run_case(&c);
    }
    if (isnan(pass->error))
        pass->max_abs_error = pass->error;
}

const small_table bpi_small_portable = {
    .name = "portable",
    .pass_scratch = pass_scratch,
    .run_pass = run_pass,
    .one_case = &bpi_small_case_portable,
    .online = &bpi_small_online_portable,
};
