/*
 * A table for single cases of small networks. The file that includes this defines
 *     BPI_VECTOR_BYTES   16 or 32: most of what is longer would stay empty
 *     BPI_SMALL_CASE_TABLE  the table's symbol
 * and is compiled for an instruction set, as kernel_template.h.
 *
 * A single case of a small network (small.h): no lanes to fill with cases, and too few units in a layer for
 * the units to fill them. What takes time is the chain from the inputs to the changed weights, and waiting
 * for a value that was stored in pieces and is loaded as a vector. So sums of few terms are plain numbers,
 * four units at a time; they come together in a vector for the activation alone, whose result is stored
 * whole: a part of what was stored can be loaded without waiting.
 */
#ifndef BPI_SMALL_CASE_TEMPLATE_H
#define BPI_SMALL_CASE_TEMPLATE_H

#include "small/two_layer_template.h"

#if defined(BP_DOUBLE) && BPI_VECTOR_BYTES == 16
enum { CASE_UNITS = 2 }; /* at a time */
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1]})
#else
enum { CASE_UNITS = 4 }; /* lanes behind them stay empty */
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1], (s)[2], (s)[3]})
#endif

/* sum[u] += row u of w times y, k terms each, for CASE_UNITS rows; the last of `rows` stands for those behind
 * it. */
BPI_INLINE void add_few_terms(const bp_real *w, size_t k, size_t rows, const bp_real *y, bp_real *sum)
{
    for (size_t i = 0; i < k; i++) {
        BPI_UNROLL
        for (size_t u = 0; u < CASE_UNITS; u++)
            sum[u] = scalar_multiply_add(w[(u < rows ? u : rows - 1) * k + i], y[i], sum[u]);
    }
}

/* w times y, k terms; apart, since few are so many. */
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

/* [RHW86] eq. 1 for `rows` units from `unit` on, CASE_UNITS at most. */
BPI_INLINE vec inputs_of(const bp_real *weights, const small_layer *layer, size_t unit, size_t rows,
                         const small_state *states)
{
    bp_real sum[CASE_UNITS] = {0};
    for (size_t u = 0; u < rows && layer->has_bias; u++)
        sum[u] = weights[layer->bias + unit + u];
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_link *link = &layer->incoming[c];
        const bp_real *w = weights + link->offset + unit * link->units, *y = states[link->layer].y;
        if (link->units <= SMALL_FEW)
            add_few_terms(w, link->units, rows, y, sum);
        else
            for (size_t u = 0; u < rows; u++)
                sum[u] += sum_many_terms(w + u * link->units, link->units, y);
    }
    return BPI_CASE_VECTOR(sum);
}

/* [RHW86] eq. 1 and 2 for a layer. Few units get their outputs at once, many when all their inputs are there.
 */
static __attribute__((noinline)) void forward_case_layer(const bp_real *weights, const small_layer *layer,
                                                         const small_state *states, const small_state *state)
{
    const bool at_once = layer->units <= SMALL_FEW && layer->activation != KERNEL_SOFTMAX && !state->x;
    bp_real *to = state->x ? state->x : state->own_y;
    for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS) {
        const size_t left = layer->units - unit;
        vec x = inputs_of(weights, layer, unit, left < CASE_UNITS ? left : CASE_UNITS, states);
        store(to + unit, at_once ? activation_of(layer->activation, x) : x);
    }
    if (layer->activation == KERNEL_SOFTMAX)
        softmax(to, state->own_y, layer->units);
    else if (!at_once)
        activate(layer->activation, to, state->own_y, layer->units);
}

/* The same for `units` units, a constant, with few terms from one layer, as tiny networks have: nothing but
 * the arithmetic. */
BPI_INLINE void forward_few_units(const bp_real *weights, const small_layer *layer, size_t units,
                                  const small_state *states, const small_state *state)
{
    const small_link *link = &layer->incoming[0];
    const bp_real *w = weights + link->offset, *y = states[link->layer].y;
    bp_real sum[CASE_UNITS] = {0};
    BPI_UNROLL
    for (size_t u = 0; u < units; u++)
        sum[u] = layer->has_bias ? weights[layer->bias + u] : 0;
    for (size_t i = 0; i < link->units; i++) {
        BPI_UNROLL
        for (size_t u = 0; u < units; u++)
            sum[u] = scalar_multiply_add(w[u * link->units + i], y[i], sum[u]);
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
            forward_case_layer(weights, layer, states, state);
    }
}

/* [RHW86] eq. 7 for up to CASE_UNITS units from `unit` on. */
BPI_INLINE vec case_sent_back(const bp_real *weights, const small_layer *layer, size_t unit,
                              const small_state *states)
{
    const size_t left = layer->units - unit;
    bp_real sum[CASE_UNITS] = {0};
    for (size_t c = 0; c < layer->outgoing_count; c++) {
        const small_link *link = &layer->outgoing[c];
        const bp_real *delta = states[link->layer].delta, *w = weights + link->offset + unit;
        for (size_t j = 0; j < link->units; j++, w += layer->units) {
            BPI_UNROLL
            for (size_t u = 0; u < CASE_UNITS; u++)
                sum[u] = scalar_multiply_add(w[u < left ? u : left - 1], delta[j], sum[u]);
        }
    }
    return BPI_CASE_VECTOR(sum);
}

/* dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k) */
static void softmax_slope(const bp_real *y, bp_real *delta, size_t units)
{
    bp_real mean = 0;
    for (size_t k = 0; k < units; k++)
        mean = scalar_multiply_add(y[k], delta[k], mean);
    for (size_t j = 0; j < units; j++)
        delta[j] = y[j] * (delta[j] - mean);
}

/* [RHW86] eq. 7 and 5 for all layers that are neither input nor output; outputs have their delta. */
static void backward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = net->layer_count; i-- > 0;) {
        const small_layer *layer = &net->layers[i];
        if (layer->is_input || layer->is_output)
            continue;
        for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS)
            store(states[i].delta + unit,
                  delta_of(layer->activation, case_sent_back(weights, layer, unit, states),
                           load(states[i].y + unit)));
        if (layer->activation == KERNEL_SOFTMAX)
            softmax_slope(states[i].y, states[i].delta, layer->units);
    }
}

/* [RHW86] eq. 6: the derivatives of all weights. */
static void weight_gradient_of_case(const small_net *net, const small_state *states, bp_real *gradient)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        const small_layer *layer = &net->layers[l];
        const bp_real *delta = states[l].delta;
        for (size_t c = 0; c < layer->incoming_count; c++) {
            const small_link *link = &layer->incoming[c];
            const bp_real *y = states[link->layer].y;
            bp_real *to = gradient + link->offset;
            for (size_t j = 0; j < layer->units; j++, to += link->units)
                for (size_t i = 0; i < link->units; i++)
                    to[i] = delta[j] * y[i];
        }
        if (layer->has_bias)
            memcpy(gradient + layer->bias, delta, layer->units * sizeof *delta);
    }
}

/* ------------------------------------------------------------------ cases in a run */

static bool all_weights_finite(const case_runner *r)
{
    vec sum = {0}; /* of zeros, or of NaN where something is not finite */
    for (size_t i = 0; i < r->vectors; i++)
        sum += r->weights[i].weight - r->weights[i].weight;
    return sum_of_lanes(sum) == 0;
}

static void small_run_cases(small_run *run)
{
    case_runner *r = runner_of(run);
    r->rule = (run_rule){.rate = run->update.rate,
                         .momentum = run->update.momentum,
                         .decay_factor = run->update.decay_factor,
                         .stores_gradient = run->gradient != NULL};
    r->deviation = splat((bp_real)run->deviation);
    run->done = is_pair(r) ? run_pair(r) : run_all(r);
    run->deviation = (double)max_lane(r->deviation);
    run->finite = all_weights_finite(r);
}

const small_case_table BPI_SMALL_CASE_TABLE = {
    .forward = forward_case,
    .backward = backward_case,
    .weigh = weight_gradient_of_case,
    .run_scratch = small_run_scratch,
    .run_begin = small_run_begin,
    .run_cases = small_run_cases,
    .run_end = small_run_end,
};

#endif
