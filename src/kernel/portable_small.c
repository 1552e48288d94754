/* Small networks (small.h) in plain C: a case at a time, each equation a loop. */
#include "kernel/portable_small.h"

#include <tgmath.h>

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

static void weigh_case(const small_net *net, const small_state *states, bp_real *gradient)
{
    clear_gradient(net, gradient);
    add_weight_derivatives(net, states, gradient);
}

/* [RHW86] eq. 9, then decay, for one weight. */
static void change_weight(const weight_change *rule, size_t weight, bp_real gradient)
{
    bp_real *change = &rule->change[weight];
    *change = rule->momentum * *change - rule->rate * gradient;
    rule->weights[weight] = (rule->weights[weight] + *change) * rule->keep;
}

static void change_case(const small_net *net, const small_state *states, const weight_change *change)
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

/* [RHW86] eq. 3 and 4: E of an output layer, and its dE/dy. */
static double output_error(const small_case *c, const small_layer *layer, const small_state *state)
{
    const bp_real *target = c->target + layer->output_column;
    double lane[4] = {0};
    for (size_t unit = 0; unit < layer->units; unit++) {
        bp_real difference = state->y[unit] - target[unit], distance = fabs(difference);
        double exact = (double)state->y[unit] - (double)target[unit];
        const bool errs = !(distance <= c->tolerance);
        lane[c->tolerance < 0 ? unit % 4 : 0] += errs ? exact * exact : 0;
        state->delta[unit] = errs ? difference * c->weight : 0;
    }
    return 0.5 * ((lane[0] + lane[2]) + (lane[1] + lane[3])) * (double)c->weight;
}

static double greatest_deviation(const small_case *c, const small_layer *layer, const bp_real *y, double most)
{
    for (size_t unit = 0; unit < layer->units; unit++) {
        bp_real distance = fabs(y[unit] - c->target[layer->output_column + unit]);
        most = (double)distance > most ? (double)distance : most;
    }
    return most;
}

static void learn_case(small_case *c)
{
    forward_case(c->net, c->weights, c->states);
    c->error = 0;
    c->deviation = 0;
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const small_layer *layer = &c->net->layers[i];
        if (!layer->is_output)
            continue;
        c->error += output_error(c, layer, &c->states[i]);
        c->deviation = greatest_deviation(c, layer, c->states[i].y, c->deviation);
        bpi_kernel_portable.multiply_slope(layer->activation, c->states[i].y, c->states[i].delta,
                                           layer->units);
    }
    backward_case(c->net, c->weights, c->states);
    if (isnan(c->error))
        c->deviation = c->error;
}

const small_case_table bpi_small_case_portable = {
    .forward = forward_case,
    .backward = backward_case,
    .weigh = weigh_case,
    .learn = learn_case,
    .change = change_case,
};

/* ------------------------------------------------------------------------ a pass */

/* One case of a pass: its index among the caller's, and its number in the pass. */
typedef struct one_case {
    small_pass *pass;
    size_t index, number;
    small_state states[SMALL_MOST_LAYERS];
} one_case;

size_t bpi_portable_small_scratch(const small_net *net)
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

void bpi_portable_run_small(small_pass *pass)
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
