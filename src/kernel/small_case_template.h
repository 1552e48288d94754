/*
 * A single case of a small network (small.h): no lanes to fill with cases, and too few units in a layer for
 * the units to fill them. What takes time is the chain from the inputs to the changed weights, and waiting
 * for a value that was stored in pieces and is loaded as a vector. So sums of few terms are plain numbers,
 * four units at a time; they come together in a vector for the activation alone, whose result is stored
 * whole: a part of what was stored can be loaded without waiting.
 */
#ifndef BPI_KERNEL_SMALL_CASE_TEMPLATE_H
#define BPI_KERNEL_SMALL_CASE_TEMPLATE_H

#include "kernel/elementwise_template.h"
#include "kernel/small.h"

#if defined(BP_DOUBLE) && BPI_VECTOR_BYTES == 16
enum { CASE_UNITS = 2 }; /* at a time */
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1]})
#else
enum { CASE_UNITS = 4 };
#define BPI_CASE_VECTOR(s) ((vec){(s)[0], (s)[1], (s)[2], (s)[3]})
#endif
enum { CASE_FEW = 8 }; /* terms, or units: more are worth a vector */

/* sum[u] += row u of w times y, k terms each; rows that are not there are the last one again. */
BPI_INLINE void add_dots(const bp_real *w, size_t k, size_t rows, const bp_real *y, bp_real sum[CASE_UNITS])
{
    const bp_real *row[CASE_UNITS];
    BPI_UNROLL
    for (size_t u = 0; u < CASE_UNITS; u++)
        row[u] = w + (u < rows ? u : rows - 1) * k;
    if (k <= CASE_FEW) {
        for (size_t i = 0; i < k; i++) {
            BPI_UNROLL
            for (size_t u = 0; u < CASE_UNITS; u++)
                sum[u] += row[u][i] * y[i];
        }
        return;
    }
    vec part[CASE_UNITS];
    BPI_UNROLL
    for (size_t u = 0; u < CASE_UNITS; u++)
        part[u] = (vec){0};
    for (size_t i = 0; i < k; i += BPI_LANES) {
        size_t lanes = k - i < BPI_LANES ? k - i : BPI_LANES;
        vec sent = load_lanes(y + i, lanes);
        BPI_UNROLL
        for (size_t u = 0; u < CASE_UNITS; u++)
            part[u] += load_lanes(row[u] + i, lanes) * sent;
    }
    BPI_UNROLL
    for (size_t u = 0; u < CASE_UNITS; u++)
        sum[u] += sum_of_lanes(part[u]);
}

/* [RHW86] eq. 1 for up to CASE_UNITS units from `unit` on. */
BPI_INLINE vec case_inputs(const bp_real *weights, const small_layer *layer, size_t unit,
                           const small_state *states)
{
    const size_t left = layer->units - unit, rows = left < CASE_UNITS ? left : CASE_UNITS;
    bp_real sum[CASE_UNITS];
    BPI_UNROLL
    for (size_t u = 0; u < CASE_UNITS; u++)
        sum[u] = layer->has_bias ? weights[layer->bias + unit + (u < rows ? u : rows - 1)] : 0;
    for (size_t c = 0; c < layer->incoming_count; c++) {
        const small_link *link = &layer->incoming[c];
        add_dots(weights + link->offset + unit * link->units, link->units, rows, states[link->layer].y, sum);
    }
    return BPI_CASE_VECTOR(sum);
}

BPI_INLINE vec activation_of(int32_t activation, vec x)
{
    if (activation == KERNEL_LOGISTIC)
        return logistic_of(x);
    if (activation == KERNEL_TANH)
        return tanh_of(x);
    return activation == KERNEL_RELU ? relu_of(x) : x;
}

/* [RHW86] eq. 1 and 2. Few units get their outputs at once, many when all their inputs are there. */
static void small_forward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        const small_state *state = &states[i];
        if (layer->is_input)
            continue;
        const bool at_once = layer->units <= CASE_FEW && layer->activation != KERNEL_SOFTMAX && !state->x;
        bp_real *to = state->x ? state->x : state->own_y;
        for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS) {
            vec x = case_inputs(weights, layer, unit, states);
            store(to + unit, at_once ? activation_of(layer->activation, x) : x);
        }
        if (layer->activation == KERNEL_SOFTMAX)
            softmax(to, state->own_y, layer->units);
        else if (!at_once)
            activate(layer->activation, to, state->own_y, layer->units);
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
                sum[u] += w[u < left ? u : left - 1] * delta[j];
        }
    }
    return BPI_CASE_VECTOR(sum);
}

/* [RHW86] eq. 5 */
BPI_INLINE vec delta_of(int32_t activation, vec delta, vec y)
{
    if (activation == KERNEL_LOGISTIC)
        return logistic_delta(delta, y);
    if (activation == KERNEL_TANH)
        return tanh_delta(delta, y);
    return activation == KERNEL_RELU ? relu_delta(delta, y) : delta;
}

/* [RHW86] eq. 7 and 5 for all layers that are neither input nor output; outputs have their delta. */
static void small_backward_case(const small_net *net, const bp_real *weights, const small_state *states)
{
    for (size_t i = net->layer_count; i-- > 0;) {
        const small_layer *layer = &net->layers[i];
        if (layer->is_input || layer->is_output)
            continue;
        for (size_t unit = 0; unit < layer->units; unit += CASE_UNITS)
            store(states[i].delta + unit,
                  delta_of(layer->activation, case_sent_back(weights, layer, unit, states),
                           load(states[i].y + unit)));
    }
}

/* [RHW86] eq. 6: the derivatives of all weights. */
static void small_weigh_case(const small_net *net, const small_state *states, bp_real *gradient)
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

#endif
