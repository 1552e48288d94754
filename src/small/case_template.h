/*
 * The table for single cases of small networks. The file that includes this defines
 *     BPI_VECTOR_BYTES      16 or 32: a layer would leave most lanes of longer vectors empty
 *     BPI_SMALL_CASE_TABLE  the table's symbol
 * and is compiled for an instruction set, as kernel_template.h.
 *
 * With a single case there are no other cases to fill the lanes, and often too few units in a layer. The time
 * is the latency of the chain from the inputs to the updated weights, and of failed store forwarding: a
 * vector load of what was stored in parts has to wait until these are in the cache, while a part of a stored
 * vector can be loaded at once. So sums of few terms are scalars, four units at a time. They are combined
 * into a vector for the activation only, and its result is stored as a whole.
 */
#ifndef BPI_SMALL_CASE_TEMPLATE_H
#define BPI_SMALL_CASE_TEMPLATE_H

#include "small/few_cases_template.h"
#include "small/two_layer_template.h"

#if defined(BP_DOUBLE) && BPI_VECTOR_BYTES == 16
enum { CASE_UNITS = 2 }; /* computed at once */
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1]})
#else
enum { CASE_UNITS = 4 }; /* the lanes beyond them are not used */
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1], (s)[2], (s)[3]})
#endif

/* sum[u] += dot product of row u of w and y, k terms each, for CASE_UNITS rows; beyond `rows` the last is
 * repeated. */
BPI_INLINE void add_few_terms(const bp_real *w, size_t k, size_t rows, const bp_real *y, bp_real *sum)
{
    for (size_t i = 0; i < k; i++) {
        BPI_UNROLL
        for (size_t u = 0; u < CASE_UNITS; u++)
            sum[u] = scalar_multiply_add(w[(u < rows ? u : rows - 1) * k + i], y[i], sum[u]);
    }
}

/* Dot product of w and y, k terms. */
static __attribute__((noinline)) bp_real sum_many_terms(const bp_real *w, size_t k, const bp_real *y)
{
    vec sum[4] = {{0}};
    bp_real rest = 0;
    size_t i = 0;
    for (; i + 4 * BPI_LANES <= k; i += 4 * BPI_LANES) {
        BPI_UNROLL
        for (size_t v = 0; v < 4; v++)
            sum[v] = multiply_add(load(w + i + v * BPI_LANES), load(y + i + v * BPI_LANES), sum[v]);
    }
    for (; i + BPI_LANES <= k; i += BPI_LANES)
        sum[0] = multiply_add(load(w + i), load(y + i), sum[0]);
    for (; i < k; i++)
        rest = scalar_multiply_add(w[i], y[i], rest);
    return sum_of_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])) + rest;
}

/* [RHW86] eq. 1 for `rows` units from `unit` on, at most CASE_UNITS. */
BPI_INLINE vec total_inputs(const bp_real *weights, const small_layer *layer, size_t unit, size_t rows,
                            const small_state *states)
{
    bp_real sum[CASE_UNITS] = {0};
    for (size_t u = 0; u < rows && layer->has_bias; u++)
        sum[u] = weights[layer->bias_offset + unit + u];
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        const bp_real *w = weights + connection->offset + unit * connection->units,
                      *y = states[connection->layer].y;
        if (connection->units <= SMALL_FEW)
            add_few_terms(w, connection->units, rows, y, sum);
        else
            for (size_t u = 0; u < rows; u++)
                sum[u] += sum_many_terms(w + u * connection->units, connection->units, y);
    }
    return BPI_CASE_VECTOR(sum);
}

/* [RHW86] eq. 1 and 2 for a layer. With few units, each vector gets its activation at once; with many, the
 * whole layer at the end. */
static __attribute__((noinline)) void forward_case_layer(const kernel_table *kernel, const bp_real *weights,
                                                         const small_layer *layer, const small_state *states,
                                                         const small_state *state)
{
    const bool at_once =
        layer->units <= SMALL_FEW && layer->activation != KERNEL_SOFTMAX && !layer->needs_x && !state->x;
    bp_real *to = state->x ? state->x : state->own_y;
    for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS) {
        const size_t left = layer->units - unit;
        vec x = total_inputs(weights, layer, unit, left < CASE_UNITS ? left : CASE_UNITS, states);
        store(to + unit, at_once ? activation_of(layer->activation, x) : x);
    }
    if (layer->activation == KERNEL_SOFTMAX)
        softmax(to, state->own_y, layer->units);
    else if (layer->needs_x)
        kernel->find_values(layer->activation, layer->parameter, to, state->own_y, layer->units);
    else if (!at_once)
        activate(layer->activation, to, state->own_y, layer->units);
}

/* The same for `units` units, a constant, with few terms from one layer: the case of tiny networks, with the
 * least overhead. */
BPI_INLINE void forward_few_units(const bp_real *weights, const small_layer *layer, size_t units,
                                  const small_state *states, const small_state *state)
{
    const small_connection *connection = &layer->incoming[0];
    const bp_real *w = weights + connection->offset, *y = states[connection->layer].y;
    bp_real sum[CASE_UNITS] = {0};
    BPI_UNROLL
    for (size_t u = 0; u < units; u++)
        sum[u] = layer->has_bias ? weights[layer->bias_offset + u] : 0;
    for (size_t i = 0; i < connection->units; i++) {
        BPI_UNROLL
        for (size_t u = 0; u < units; u++)
            sum[u] = scalar_multiply_add(w[u * connection->units + i], y[i], sum[u]);
    }
    store(state->own_y, activation_of(layer->activation, BPI_CASE_VECTOR(sum)));
}

static void forward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    const small_layer *layer = net->layers;
    const small_state *state = states;
    for (size_t i = 0; i < net->layer_count; i++, layer++, state++) {
        if (layer->is_input)
            continue;
        const bool is_few = layer->has_few_terms && !state->x;
        if (is_few && layer->units == 1)
            forward_few_units(weights, layer, 1, states, state);
        else if (is_few && layer->units == 2)
            forward_few_units(weights, layer, 2, states, state);
        else
            forward_case_layer(net->kernel, weights, layer, states, state);
    }
}

/* [RHW86] eq. 7 for up to CASE_UNITS units from `unit` on. */
BPI_INLINE vec propagate_delta(const bp_real *weights, const small_layer *layer, size_t unit,
                               const small_state *states)
{
    const size_t left = layer->units - unit;
    bp_real sum[CASE_UNITS] = {0};
    for (size_t c = 0; c < layer->outgoing_count; c++) {
        const small_connection *connection = &layer->outgoing[c];
        const bp_real *delta = states[connection->layer].delta, *w = weights + connection->offset + unit;
        for (size_t j = 0; j < connection->units; j++, w += layer->units) {
            BPI_UNROLL
            for (size_t u = 0; u < CASE_UNITS; u++)
                sum[u] = scalar_multiply_add(w[u < left ? u : left - 1], delta[j], sum[u]);
        }
    }
    return BPI_CASE_VECTOR(sum);
}

/* dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k) */
static void softmax_delta(const bp_real *y, bp_real *delta, size_t units)
{
    bp_real mean = 0;
    for (size_t k = 0; k < units; k++)
        mean = scalar_multiply_add(y[k], delta[k], mean);
    for (size_t j = 0; j < units; j++)
        delta[j] = y[j] * (delta[j] - mean);
}

/* [RHW86] eq. 7 and 5 for all layers but inputs and outputs; the outputs have their delta. */
static void backward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = net->layer_count; i-- > 0;) {
        const small_layer *layer = &net->layers[i];
        if (layer->is_input || layer->is_output)
            continue;
        for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS)
            store(states[i].delta + unit,
                  delta_of(layer->activation, propagate_delta(weights, layer, unit, states),
                           load(states[i].y + unit)));
        if (layer->activation == KERNEL_SOFTMAX)
            softmax_delta(states[i].y, states[i].delta, layer->units);
        else if (layer->needs_x)
            net->kernel->multiply_slope_at(layer->activation, layer->parameter, states[i].x, states[i].delta,
                                           layer->units);
    }
}

/* [RHW86] eq. 6: the derivatives of all weights. */
static void weight_gradient_case(const small_net *net, const small_state *states, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        const small_layer *layer = &net->layers[l];
        const bp_real *delta = states[l].delta;
        for (size_t c = 0; c < layer->incoming_count; c++) {
            const small_connection *connection = &layer->incoming[c];
            const bp_real *y = states[connection->layer].y;
            bp_real *to = gradient + connection->offset;
            for (size_t j = 0; j < layer->units; j++, to += connection->units)
                for (size_t i = 0; i < connection->units; i++)
                    to[i] = delta[j] * y[i];
        }
        if (layer->has_bias)
            memcpy(gradient + layer->bias_offset, delta, layer->units * sizeof *delta);
    }
}

/* ------------------------------------------------------------------ online training */

static bool all_weights_finite(const online_state *s)
{
    vec sum = {0}; /* x - x is 0 for finite x, else NaN */
    for (size_t i = 0; i < s->vectors; i++)
        sum += s->weights[i].weight - s->weights[i].weight;
    return sum_of_lanes(sum) == 0;
}

static void online_train(small_online_run *run)
{
    online_state *s = state_of(run);
    s->rule = (online_rule){.rate = run->update.rate,
                            .momentum = run->update.momentum,
                            .decay_factor = run->update.decay_factor,
                            .stores_gradient = run->gradient != NULL};
    s->max_abs_error = splat((bp_real)run->max_abs_error);
    run->done = run->batch > 1 ? train_batches(s) : is_two_layer(s) ? train_two_layer(s) : train_layers(s);
    run->max_abs_error = (double)max_lane(s->max_abs_error);
    run->finite = all_weights_finite(s);
}

const small_case_table BPI_SMALL_CASE_TABLE = {
    .forward = forward_case,
    .backward = backward_case,
    .weight_gradient = weight_gradient_case,
    .online_scratch = online_scratch,
    .online_begin = online_begin,
    .online_train = online_train,
    .online_end = online_end,
};

#endif
