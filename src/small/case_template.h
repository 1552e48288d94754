/*
 * The table for single cases of small networks. The file that includes this defines
 *     BPI_VECTOR_BYTES  16 or 32
 *     BPI_CASE_TABLE    the table's symbol
 * and is compiled for an instruction set, as kernel_template.h.
 *
 * With a single case there are no other cases to fill the lanes, and often too few units in a layer. The time
 * is the latency of the chain from the inputs to the outputs, and of failed store forwarding: a vector load
 * of what was stored in parts has to wait until these are in the cache, while a part of a stored vector can
 * be loaded at once. So sums of few terms are scalars, four units at a time, and of many terms dot products,
 * a vector of units at a time. They are combined into a vector for the activation, and its result is stored
 * as a whole.
 */
#ifndef BPI_SMALL_CASE_TEMPLATE_H
#define BPI_SMALL_CASE_TEMPLATE_H

#include "kernel/case_softmax_template.h"
#include "small/small.h"

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

/* [RHW86] eq. 1 for `rows` units from `unit` on, at most CASE_UNITS, where all connections have few units. */
BPI_INLINE vec few_total_inputs(const bp_real *weights, const small_layer *layer, size_t unit, size_t rows,
                                const small_state *states)
{
    bp_real sum[CASE_UNITS] = {0};
    for (size_t u = 0; u < rows && layer->has_bias; u++)
        sum[u] = weights[layer->bias_offset + unit + u];
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        add_few_terms(weights + connection->offset + unit * connection->units, connection->units, rows,
                      states[connection->layer].y, sum);
    }
    return BPI_CASE_VECTOR(sum);
}

/* part[u] += row u of w times y, lane by lane, k terms each, for `count` rows, a constant; beyond `rows` the
 * last is repeated. */
BPI_INLINE void add_terms_by_lane(const bp_real *w, size_t k, size_t rows, size_t count, const bp_real *y,
                                  vec part[])
{
    const bp_real *row[BPI_LANES];
    BPI_UNROLL
    for (size_t u = 0; u < count; u++)
        row[u] = w + (u < rows ? u : rows - 1) * k;
    size_t i = 0;
    for (; i + BPI_LANES <= k; i += BPI_LANES) {
        const vec values = load(y + i);
        BPI_UNROLL
        for (size_t u = 0; u < count; u++)
            part[u] = multiply_add(load(row[u] + i), values, part[u]);
    }
    if (i < k) {
        const vec values = load_last(y + i, k - i);
        BPI_UNROLL
        for (size_t u = 0; u < count; u++)
            part[u] = multiply_add(load_last(row[u] + i, k - i), values, part[u]);
    }
}

/* Eq. 1 for `rows` units from `unit` on, at most `count`, a constant, in the first lanes: dot products. They
 * become one vector before anything is stored, so that whoever loads it does not wait. */
BPI_INLINE vec many_total_inputs(const bp_real *weights, const small_layer *layer, size_t unit, size_t rows,
                                 size_t count, const small_state *states)
{
    vec part[BPI_LANES];
    BPI_UNROLL
    for (size_t u = 0; u < count; u++)
        part[u] = (vec){0};
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_connection *connection = &layer->incoming[c];
        add_terms_by_lane(weights + connection->offset + unit * connection->units, connection->units, rows,
                          count, states[connection->layer].y, part);
    }
    const vec sums = in_first_lanes(sums_of_lanes(part, count), BPI_LANES / count);
    return layer->has_bias ? sums + load_last(weights + layer->bias_offset + unit, rows) : sums;
}

BPI_NOINLINE vec vector_of_total_inputs(const bp_real *weights, const small_layer *layer, size_t unit,
                                        const small_state *states)
{
    const size_t left = layer->units - unit;
    if (left <= BPI_LANES / 2)
        return many_total_inputs(weights, layer, unit, left, BPI_LANES / 2, states);
    return many_total_inputs(weights, layer, unit, left < BPI_LANES ? left : BPI_LANES, BPI_LANES, states);
}

/* Eq. 1 and 2 for a layer that is no special case. The activation is applied to each vector at once, but that
 * of a whole layer, or one that leaves x. */
BPI_NOINLINE void forward_case_layer(const kernel_table *kernel, const bp_real *weights,
                                     const small_layer *layer, const small_state *states,
                                     const small_state *state)
{
    const bool at_once = layer->activation != KERNEL_SOFTMAX && !layer->needs_x && !state->x;
    bp_real *to = state->x ? state->x : state->own_y;
    const size_t step = layer->has_only_few_terms ? CASE_UNITS : BPI_LANES;
    for (size_t unit = 0; unit < layer->units; unit += step) {
        const size_t left = layer->units - unit;
        const vec x =
            layer->has_only_few_terms
                ? few_total_inputs(weights, layer, unit, left < CASE_UNITS ? left : CASE_UNITS, states)
                : vector_of_total_inputs(weights, layer, unit, states);
        store(to + unit, at_once ? activation_of(layer->activation, x) : x);
    }
    if (layer->activation == KERNEL_SOFTMAX)
        softmax(to, state->own_y, layer->units);
    else if (layer->needs_x)
        kernel->find_values(layer->activation, layer->parameter, to, state->own_y, layer->units);
    else if (!at_once)
        kernel->activate(layer->activation, to, state->own_y, layer->units);
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
        for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS) {
            const size_t left = layer->units - unit;
            const vec y = load_first(states[i].y + unit, left < CASE_UNITS ? left : CASE_UNITS);
            store(states[i].delta + unit,
                  delta_of(layer->activation, propagate_delta(weights, layer, unit, states), y));
        }
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

const small_case_table BPI_CASE_TABLE = {
    .forward = forward_case,
    .backward = backward_case,
    .weight_gradient = weight_gradient_case,
};

#endif
