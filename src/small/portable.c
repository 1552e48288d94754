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
    bp_real x = layer->has_bias ? weights[layer->bias + unit] : 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const small_link *link = &layer->incoming[i];
        const bp_real *w = weights + link->offset + unit * link->units;
        for (size_t from = 0; from < link->units; from++)
            x += w[from] * states[link->layer].y[from];
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
        else
            bpi_kernel_portable.activate(layer->activation, x, states[i].own_y, layer->units);
    }
}

/* [RHW86] eq. 7 */
static bp_real sent_back(const bp_real *weights, const small_layer *layer, size_t unit,
                         const small_state *states)
{
    bp_real sum = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++) {
        const small_link *link = &layer->outgoing[i];
        const bp_real *w = weights + link->offset + unit;
        for (size_t to = 0; to < link->units; to++)
            sum += w[to * layer->units] * states[link->layer].delta[to];
    }
    return sum;
}

/* [RHW86] eq. 5; for softmax dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k). */
static void apply_slope(const small_layer *layer, const bp_real *y, bp_real *delta)
{
    bp_real mean = 0;
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
            states[i].delta[unit] = sent_back(weights, layer, unit, states);
        apply_slope(layer, states[i].y, states[i].delta);
    }
}

/* [RHW86] eq. 6, added to the gradient. */
static void add_weight_derivatives(const small_net *net, const small_state *states, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        const small_layer *layer = &net->layers[l];
        const bp_real *delta = states[l].delta;
        for (size_t i = 0; i < layer->incoming_count; i++) {
            const small_link *link = &layer->incoming[i];
            for (size_t to = 0; to < layer->units; to++)
                for (size_t from = 0; from < link->units; from++)
                    gradient[link->offset + to * link->units + from] +=
                        delta[to] * states[link->layer].y[from];
        }
        for (size_t unit = 0; layer->has_bias && unit < layer->units; unit++)
            gradient[layer->bias + unit] += delta[unit];
    }
}

static void clear_gradient(const small_net *net, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++)
        for (size_t i = 0; i < net->layers[l].sender_count; i++) {
            const small_sender *sender = &net->layers[l].senders[i];
            for (size_t unit = 0; unit < net->layers[l].units; unit++)
                gradient[sender->offset + unit * sender->stride] = 0;
        }
}

static void weight_gradient_of_case(const small_net *net, const small_state *states, bp_real *gradient)
{
    clear_gradient(net, gradient);
    add_weight_derivatives(net, states, gradient);
}

/* [RHW86] eq. 9, then decay, for one weight. */
static void change_weight(const sgd_update *rule, size_t weight, bp_real gradient)
{
    bp_real *change = &rule->last_update[weight];
    *change = rule->momentum * *change - rule->rate * gradient;
    rule->weights[weight] = (rule->weights[weight] + *change) * rule->decay_factor;
}

static void change_case(const small_net *net, const small_state *states, const sgd_update *change)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        const small_layer *layer = &net->layers[l];
        const bp_real *delta = states[l].delta;
        for (size_t i = 0; i < layer->incoming_count; i++) {
            const small_link *link = &layer->incoming[i];
            for (size_t to = 0; to < layer->units; to++)
                for (size_t from = 0; from < link->units; from++)
                    change_weight(change, link->offset + to * link->units + from,
                                  delta[to] * states[link->layer].y[from]);
        }
        for (size_t unit = 0; layer->has_bias && unit < layer->units; unit++)
            change_weight(change, layer->bias + unit, delta[unit]);
    }
}

/* --------------------------------------------------------------------- a run of cases */

/* One case of a run: its index among the caller's, and the states of its layers. */
typedef struct one_run_case {
    small_run *run;
    size_t index;
    small_state states[SMALL_MAX_LAYERS];
} one_run_case;

static void point_at_case(one_run_case *c, size_t number)
{
    const small_run *run = c->run;
    c->index = run->order == NULL ? run->first + number : run->order[number];
    for (size_t i = 0; i < run->net->layer_count; i++) {
        const small_layer *layer = &run->net->layers[i];
        bp_real *own = run->scratch + layer->place;
        c->states[i] = (small_state){.y = own, .own_y = own, .delta = own + run->net->places};
        if (layer->is_input)
            c->states[i].y = run->values[i].inputs + c->index * run->values[i].stride;
    }
}

/* [RHW86] eq. 3, 4 and 5: E of an output layer, and its dE/dx. */
static double run_output(const one_run_case *c, const small_layer *layer, const small_state *state)
{
    small_run *run = c->run;
    const bp_real *target = run->targets + c->index * run->target_stride + layer->output_column;
    const bp_real weight = run->case_weights == NULL ? 1 : run->case_weights[c->index];
    double sum = 0;
    for (size_t unit = 0; unit < layer->units; unit++) {
        bp_real difference = state->y[unit] - target[unit], distance = fabs(difference);
        double exact = (double)state->y[unit] - (double)target[unit];
        const bool errs = !(distance <= run->tolerance);
        run->deviation = (double)distance > run->deviation ? (double)distance : run->deviation;
        sum += errs ? exact * exact : 0;
        state->delta[unit] = errs ? difference * weight : 0;
    }
    apply_slope(layer, state->y, state->delta);
    return 0.5 * sum * (double)weight;
}

static double run_outputs(const one_run_case *c)
{
    const small_net *net = c->run->net;
    double error = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i].is_output)
            error += run_output(c, &net->layers[i], &c->states[i]);
    return error;
}

static double squares(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

/* The sum of squares of the gradient: a weight's derivative is dE/dx_j y_i, a bias's dE/dx_j. */
static double gradient_squares(const one_run_case *c)
{
    const small_net *net = c->run->net;
    double total = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        double received = layer->has_bias;
        for (size_t j = 0; j < layer->incoming_count; j++)
            received += squares(c->states[layer->incoming[j].layer].y, layer->incoming[j].units);
        if (!layer->is_input)
            total += received * squares(c->states[i].delta, layer->units);
    }
    return total;
}

/* Nothing is changed where E is not finite. */
static bool run_one_case(one_run_case *c, size_t number)
{
    small_run *run = c->run;
    point_at_case(c, number);
    forward_case(run->net, run->update.weights, c->states);
    const double deviation = run->deviation, error = run_outputs(c);
    if (!isfinite(error) && run->gradient == NULL) {
        run->deviation = deviation;
        return false;
    }
    if (number == 0 && run->keeps)
        memcpy(run->keep, run->update.weights, run->net->weight_count * sizeof *run->keep);
    run->error += error;
    backward_case(run->net, run->update.weights, c->states);
    double sum = run->wants_squares ? gradient_squares(c) : 0;
    run->greatest_squares = sum > run->greatest_squares ? sum : run->greatest_squares;
    if (run->gradient != NULL)
        weight_gradient_of_case(run->net, c->states, run->gradient);
    else
        change_case(run->net, c->states, &run->update);
    return true;
}

static void run_cases(small_run *run)
{
    one_run_case c = {.run = run};
    for (run->done = 0; run->done < run->count && run_one_case(&c, run->done);)
        run->done++;
    run->finite = bpi_kernel_portable.all_finite(run->update.weights, run->net->weight_count);
}

/* The weights are changed where they are. */
static void leave_as_it_is(small_run *run)
{
    (void)run;
}

static size_t run_scratch(const small_net *net)
{
    return 2 * net->places;
}

const small_case_table bpi_small_case_portable = {
    .forward = forward_case,
    .backward = backward_case,
    .weigh = weight_gradient_of_case,
    .run_scratch = run_scratch,
    .run_begin = leave_as_it_is,
    .run_cases = run_cases,
    .run_end = leave_as_it_is,
};

/* ------------------------------------------------------------------------ a pass */

/* One case of a pass: its index among the caller's, and its number in the pass. */
typedef struct one_case {
    small_pass *pass;
    size_t index, number;
    small_state states[SMALL_MAX_LAYERS];
} one_case;

static size_t scratch(const small_net *net)
{
    return 2 * net->rows;
}

/* y and delta of a layer are in the rows of its units. */
static void point_at_states(one_case *c)
{
    const small_pass *pass = c->pass;
    for (size_t i = 0; i < pass->net->layer_count; i++) {
        const small_layer *layer = &pass->net->layers[i];
        small_state *state = &c->states[i];
        *state = (small_state){.own_y = pass->scratch + layer->first};
        state->delta = state->own_y + pass->net->rows;
        state->y = state->own_y;
        if (layer->is_input)
            state->y = pass->values[i].inputs + c->index * pass->values[i].stride;
    }
}

static void copy_outputs(const one_case *c)
{
    for (size_t i = 0; i < c->pass->net->layer_count; i++) {
        const size_t units = c->pass->net->layers[i].units;
        bp_real *outputs = c->pass->values[i].outputs;
        for (size_t unit = 0; outputs != NULL && unit < units; unit++)
            outputs[c->number * units + unit] = c->states[i].y[unit];
    }
}

/* [RHW86] eq. 3 and 4 */
static void add_error(const one_case *c, const small_layer *layer, const small_state *state)
{
    small_pass *pass = c->pass;
    const bp_real *target = pass->targets + c->index * pass->target_stride + layer->output_column;
    const bp_real weight = pass->case_weights == NULL ? 1 : pass->case_weights[c->index];
    double sum = 0;
    for (size_t unit = 0; unit < layer->units; unit++) {
        bp_real difference = state->y[unit] - target[unit], distance = fabs(difference);
        pass->deviation = (double)distance > pass->deviation ? (double)distance : pass->deviation;
        if (distance <= pass->tolerance)
            difference = 0;
        sum += (double)difference * (double)difference;
        state->delta[unit] = difference * weight;
    }
    pass->error += 0.5 * sum * (double)weight;
}

/* All layers, outputs that lead on and inputs included. */
static void backward(const one_case *c)
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
                (layer->is_output ? delta[unit] : 0) + sent_back(pass->weights, layer, unit, c->states);
        if (!layer->is_input) {
            apply_slope(layer, c->states[i].y, delta);
            continue;
        }
        column -= layer->units;
        for (size_t unit = 0; unit < layer->units; unit++)
            pass->input_gradient[c->number * pass->input_width + column + unit] = delta[unit];
    }
}

static void run_case(one_case *c)
{
    const small_pass *pass = c->pass;
    point_at_states(c);
    forward_case(pass->net, pass->weights, c->states);
    copy_outputs(c);
    for (size_t i = 0; pass->targets != NULL && i < pass->net->layer_count; i++)
        if (pass->net->layers[i].is_output)
            add_error(c, &pass->net->layers[i], &c->states[i]);
    if (pass->gradient != NULL || pass->input_gradient != NULL)
        backward(c);
    if (pass->gradient != NULL)
        add_weight_derivatives(pass->net, c->states, pass->gradient);
}

static void run(small_pass *pass)
{
    one_case c = {.pass = pass};
    if (pass->gradient != NULL && !pass->accumulate)
        clear_gradient(pass->net, pass->gradient);
    for (; c.number < pass->count; c.number++) {
        c.index = pass->order == NULL ? pass->first + c.number : pass->order[c.number];
        run_case(&c);
    }
    if (isnan(pass->error))
        pass->deviation = pass->error;
}

const small_table bpi_small_portable = {
    .name = "portable",
    .scratch = scratch,
    .run = run,
    .one_case = &bpi_small_case_portable,
};
