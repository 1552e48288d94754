/*
 * Online training of a small network (small.h): each case updates the weights before the next. The time is
 * the latency of the chain from one case's inputs through the updated weights to the next case's outputs. A
 * vector holds units of a layer, one in each lane, so that the chain contains no reduction over lanes and no
 * load of a vector that was stored in parts (which defeats store forwarding). For this a layer has its
 * weights in two layouts:
 *
 *     incoming   [ w_0i  w_1i  w_2i  w_3i ]  a row for each source i:     x += w y_i, eq. 1
 *     outgoing   [ w_j0  w_j1  w_j2  w_j3 ]  a row for each receiver j:   dE/dy += w delta_j, eq. 7
 *
 * Weights between two layers that both have deltas are thus stored twice, as outgoing weights of the one and
 * as incoming weights of the other layer. Both copies are updated by the same operations and so stay equal. A
 * layer whose sources are all inputs computes its outputs for the next case while its weights are updated.
 */
#ifndef BPI_SMALL_ONLINE_TEMPLATE_H
#define BPI_SMALL_ONLINE_TEMPLATE_H

#include <math.h>

#include "small/online_state_template.h"

/* --------------------------------------------------------------------- a layer */

/* y from x, and dE/dx from dE/dy, of a layer whose activation needs x; the arguments are its first slots. */
static void find_values_of(const online_state *s, const small_layer *layer, const bp_real *x, bp_real *y)
{
    s->run->net->kernel->find_values(layer->activation, layer->parameter, x, y, layer->units);
}

static void multiply_slope_of(const online_state *s, const small_layer *layer, const bp_real *x,
                              bp_real *delta)
{
    s->run->net->kernel->multiply_slope_at(layer->activation, layer->parameter, x, delta, layer->units);
}

/* sum[c][n] += the sum over `rows` rows of weights, from w on, of the weights of vector n of units times the
 * values of case c, which begin at `slot`. Of a single vector, odd rows have the second sum. */
BPI_INLINE void add_rows(const weight_values *w, size_t step, size_t rows, bp_real *const values[],
                         size_t slot, size_t cases, size_t vectors, vec sum[][SMALL_VECTORS])
{
    size_t j = 0;
    for (; vectors == 1 && j + 2 <= rows; j += 2) {
        const vec even = w[j].weight, odd = w[j + 1].weight;
        BPI_UNROLL
        for (size_t c = 0; c < cases; c++) {
            sum[c][0] = multiply_add(even, splat(values[c][slot + j]), sum[c][0]);
            sum[c][1] = multiply_add(odd, splat(values[c][slot + j + 1]), sum[c][1]);
        }
    }
    for (; j < rows; j++) {
        vec weight[SMALL_VECTORS];
        BPI_UNROLL
        for (size_t n = 0; n < vectors; n++)
            weight[n] = w[n * step + j].weight;
        BPI_UNROLL
        for (size_t c = 0; c < cases; c++) {
            const vec value = splat(values[c][slot + j]);
            BPI_UNROLL
            for (size_t n = 0; n < vectors; n++)
                sum[c][n] = multiply_add(weight[n], value, sum[c][n]);
        }
    }
}

/* [RHW86] eq. 1, forward, or eq. 7 for some vectors of units from v on. Both counts are constants, so that
 * the sums are in registers; there should be enough of them to hide the latency of a multiply-add. */
BPI_INLINE void sum_together(const online_layer *l, size_t v, bool forward, bp_real *const values[],
                             bp_real *const to[], size_t cases, size_t vectors)
{
    const small_layer *layer = l->layer;
    const small_connection *connection = forward ? layer->incoming : layer->outgoing;
    const size_t count = forward ? layer->incoming_count : layer->outgoing_count;
    const size_t step = forward ? layer->source_count : l->receivers;
    const weight_values *w = (forward ? l->incoming : l->outgoing) + v * step;
    const bool has_bias = forward && layer->has_bias;
    vec sum[SMALL_TOGETHER][SMALL_VECTORS];
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        const vec bias = has_bias ? w[n * step].weight : (vec){0};
        BPI_UNROLL
        for (size_t c = 0; c < cases; c++) {
            sum[c][1] = (vec){0}; /* of a single vector, that of odd terms */
            sum[c][n] = bias;
        }
    }
    w += has_bias;
    for (size_t i = 0; i < count; w += connection[i].units, i++)
        add_rows(w, step, connection[i].units, values, connection[i].first_slot, cases, vectors, sum);
    BPI_UNROLL
    for (size_t c = 0; c < cases; c++) {
        BPI_UNROLL
        for (size_t n = 0; n < vectors; n++)
            store(to[c] + layer->first_slot + (v + n) * BPI_LANES,
                  vectors == 1 ? sum[c][0] + sum[c][1] : sum[c][n]);
    }
}

/* [RHW86] eq. 2 of a layer whose activation does not need x: y from x, in its place. Lanes beyond the last
 * unit get y = 0. The values of a case are `stride` after those of the one before. */
static void activate_units(const online_layer *l, bp_real *y, bp_real *delta, size_t cases, size_t stride)
{
    const small_layer *layer = l->layer;
    for (size_t unit = 0; unit < layer->units; unit += BPI_LANES) {
        const mask_vec inside = first_lanes(layer->units - unit);
        size_t at = layer->first_slot + unit;
        for (size_t c = 0; c < cases; c++, at += stride) {
            const vec x = load(y + at);
            if (l->keeps_x)
                store(delta + at, x);
            store(y + at, masked(inside, activation_of(layer->activation, x)));
        }
    }
}

/* [RHW86] eq. 1 and 2 for a layer of a single vector whose activation does not need x: as sum_together, but x
 * stays in a register, which the smallest networks gain by. */
static void forward_vector(const online_state *s, const online_layer *l)
{
    const small_layer *layer = l->layer;
    const weight_values *w = l->incoming;
    vec sum[1][SMALL_VECTORS] = {{{0}}};
    if (layer->has_bias)
        sum[0][0] = w++->weight;
    for (size_t i = 0; i < layer->incoming_count; w += layer->incoming[i].units, i++)
        add_rows(w, 0, layer->incoming[i].units, &s->y, layer->incoming[i].first_slot, 1, 1, sum);
    const vec x = sum[0][0] + sum[0][1];
    if (l->keeps_x)
        store(s->delta + layer->first_slot, x);
    store(s->y + layer->first_slot, activation_of(layer->activation, x));
}

/* [RHW86] eq. 1 and 2 */
static void forward_layer(const online_state *s, const online_layer *l)
{
    if (l->vectors == 1 && !l->layer->needs_x) {
        forward_vector(s, l);
        return;
    }
    bp_real *const to = l->layer->needs_x ? s->x : s->y; /* such an activation leaves x as it is here */
    size_t v = 0;
    for (; v + SMALL_VECTORS <= l->vectors; v += SMALL_VECTORS)
        sum_together(l, v, true, &s->y, &to, 1, SMALL_VECTORS);
    for (; v < l->vectors; v++)
        sum_together(l, v, true, &s->y, &to, 1, 1);
    if (l->layer->needs_x)
        find_values_of(s, l->layer, s->x + l->layer->first_slot, s->y + l->layer->first_slot);
    else
        activate_units(l, s->y, s->delta, 1, 0);
}

/* [RHW86] eq. 9 for a vector of weights, which it returns, as update_lanes. */
BPI_INLINE vec update_with_decay(const online_rule *rule, weight_values *w, vec gradient,
                                 bp_real decay_factor)
{
    if (rule->stores_gradient) {
        w->last_update = gradient;
        return w->weight;
    }
    vec update = next_update(gradient, w->last_update, rule->rate, rule->momentum);
    vec weight = w->weight + update;
    if (decay_factor != 1)
        weight *= decay_factor;
    w->last_update = update;
    w->weight = weight;
    return weight;
}

BPI_INLINE vec update_vector(const online_rule *rule, weight_values *w, vec gradient)
{
    return update_with_decay(rule, w, gradient, rule->decay_factor);
}

BPI_INLINE vec update_biases(const online_rule *rule, weight_values *w, vec gradient)
{
    return update_with_decay(rule, w, gradient, rule->bias_decay_factor);
}

/* [RHW86] eq. 6 and 9 for `rows` rows of weights of some vectors of units, from w on; `sources` are the
 * values of the case that the deltas belong to. Unless `next` is NULL, adds what the weights then make of the
 * next case's values to x, eq. 1, with terms in the order of sum_together. */
BPI_INLINE void update_rows_of_case(const online_rule *rule, weight_values *w, size_t step, size_t rows,
                                    const bp_real *sources, const bp_real *next, const vec delta[],
                                    size_t vectors, vec x[])
{
    size_t j = 0;
    for (; vectors == 1 && next != NULL && j + 2 <= rows; j += 2) {
        const vec even = update_vector(rule, &w[j], delta[0] * sources[j]);
        const vec odd = update_vector(rule, &w[j + 1], delta[0] * sources[j + 1]);
        x[0] = multiply_add(even, splat(next[j]), x[0]);
        x[1] = multiply_add(odd, splat(next[j + 1]), x[1]);
    }
    for (; j < rows; j++) {
        const vec source = splat(sources[j]);
        BPI_UNROLL
        for (size_t n = 0; n < vectors; n++) {
            const vec weight = update_vector(rule, &w[n * step + j], delta[n] * source);
            if (next != NULL)
                x[n] = multiply_add(weight, splat(next[j]), x[n]);
        }
    }
}

/* The same for all incoming weights of some vectors of units from v on. If all sources are inputs, x gets the
 * units' total inputs for the next case. */
BPI_INLINE void update_incoming(const online_state *s, const online_layer *l, size_t v, const vec delta[],
                                size_t vectors, vec x[])
{
    const small_layer *layer = l->layer;
    const online_rule rule = s->rule;
    const size_t step = layer->source_count;
    weight_values *w = l->incoming + v * step;
    x[1] = (vec){0}; /* of a single vector, the sum of odd terms */
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++)
        x[n] = layer->has_bias ? update_biases(&rule, &w[n * step], delta[n]) : (vec){0};
    w += layer->has_bias;
    for (size_t i = 0; i < layer->incoming_count; w += layer->incoming[i].units, i++) {
        const size_t slot = layer->incoming[i].first_slot, rows = layer->incoming[i].units;
        if (l->only_inputs)
            update_rows_of_case(&rule, w, step, rows, s->y + slot, s->next + slot, delta, vectors, x);
        else
            update_rows_of_case(&rule, w, step, rows, s->y + slot, NULL, delta, vectors, x);
    }
    if (vectors == 1)
        x[0] += x[1];
}

/* delta[n] += the sum over `rows` rows of weights, from w on, of the weights of vector n of units times the
 * deltas received, eq. 7, in the order of add_rows; then eq. 6 and 9 for the weights. */
BPI_INLINE void update_outgoing(const online_rule *rule, weight_values *w, size_t step, size_t rows,
                                const bp_real *received, const vec y[], size_t vectors, vec delta[])
{
    size_t j = 0;
    for (; vectors == 1 && j + 2 <= rows; j += 2) {
        delta[0] = multiply_add(w[j].weight, splat(received[j]), delta[0]);
        delta[1] = multiply_add(w[j + 1].weight, splat(received[j + 1]), delta[1]);
        update_vector(rule, &w[j], y[0] * received[j]);
        update_vector(rule, &w[j + 1], y[0] * received[j + 1]);
    }
    for (; j < rows; j++) {
        const vec value = splat(received[j]);
        BPI_UNROLL
        for (size_t n = 0; n < vectors; n++) {
            delta[n] = multiply_add(w[n * step + j].weight, value, delta[n]);
            update_vector(rule, &w[n * step + j], y[n] * value);
        }
    }
}

/* [RHW86] eq. 7 and, unless the activation needs x, 5 for some vectors of units from v on, whose outgoing
 * weights are then updated. Lanes beyond the last unit get y = 0, so that their weights and updates stay 0:
 * otherwise they could become denormal, which is slow. */
BPI_INLINE void backward_vectors(const online_state *s, const online_layer *l, size_t v, size_t vectors,
                                 vec delta[])
{
    const small_layer *layer = l->layer;
    const online_rule rule = s->rule;
    weight_values *w = l->outgoing + v * l->receivers;
    vec y[SMALL_VECTORS];
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        const size_t unit = (v + n) * BPI_LANES;
        y[n] = masked(first_lanes(layer->units - unit), load(s->y + layer->first_slot + unit));
        delta[n] = delta[1] = (vec){0}; /* of a single vector, the second is the sum of odd terms */
    }
    for (size_t i = 0; i < layer->outgoing_count; w += layer->outgoing[i].units, i++)
        update_outgoing(&rule, w, l->receivers, layer->outgoing[i].units,
                        s->delta + layer->outgoing[i].first_slot, y, vectors, delta);
    if (vectors == 1)
        delta[0] += delta[1];
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++)
        delta[n] = delta_of(layer->activation, delta[n], y[n]);
}

/* ---------------------------------------------------------------------- a case */

BPI_INLINE online_target target_of(const online_layer *l, const online_case *c)
{
    return (online_target){.target = c->targets + l->layer->output_column,
                           .units = l->layer->units,
                           .weight = c->weight * (bp_real)l->loss->weight,
                           .error_weight = (double)c->weight * l->loss->weight,
                           .tolerance = l->loss->terms.tolerance,
                           .loss = l->loss};
}

/* [RHW86] eq. 3 to 5 for a layer; returns E. Where the activation needs x, without eq. 5. */
BPI_INLINE double squared_error_outputs(int32_t activation, const online_target *at, const bp_real *y,
                                        bp_real *delta, vec *max_abs_error)
{
    wide_sum squares = {{{0}}};
    for (size_t unit = 0; unit < at->units; unit += BPI_LANES) {
        const size_t left = at->units - unit, lanes = left < BPI_LANES ? left : BPI_LANES;
        store(delta + unit, output_delta(activation, load(y + unit), at->target + unit, lanes, at->weight,
                                         at->tolerance, max_abs_error, &squares));
    }
    return 0.5 * sum_of_units(&squares, at->units) * at->error_weight;
}

/* The deltas of an output layer with any loss and activation, whose first slots are given; returns E. */
BPI_NOINLINE double find_layer_deltas(const online_state *s, const online_layer *l, const online_target *at,
                                      const bp_real *x, bp_real *y, bp_real *delta, vec *max_abs_error)
{
    const small_layer *layer = l->layer;
    double error;
    if (l->keeps_x)
        return cross_entropy_outputs(layer->activation, at, delta, y, max_abs_error);
    if (l->loss->find != NULL)
        error = other_outputs(layer->activation, at, y, delta, max_abs_error);
    else
        error = squared_error_outputs(layer->activation, at, y, delta, max_abs_error);
    if (layer->needs_x)
        multiply_slope_of(s, layer, x, delta);
    return error;
}

/* The deltas of an output layer in case `number`, whose values by slot are given; returns E. */
static double find_deltas_of_layer(const online_state *s, const online_layer *l, size_t number,
                                   const bp_real *all_x, bp_real *all_y, bp_real *all_deltas,
                                   vec *max_abs_error)
{
    const online_case c = find_case(s->run, number);
    const online_target at = target_of(l, &c);
    const size_t slot = l->layer->first_slot;
    bp_real *y = all_y + slot, *delta = all_deltas + slot;
    if (l->is_plain)
        return squared_error_outputs(l->layer->activation, &at, y, delta, max_abs_error);
    return find_layer_deltas(s, l, &at, all_x + slot, y, delta, max_abs_error);
}

/* The deltas of all output layers; returns E of the case. */
static double find_output_deltas(const online_state *s, size_t number, vec *max_abs_error)
{
    double error = 0;
    for (size_t i = 0; i < s->layers; i++)
        if (s->layer[i].layer->is_output)
            error += find_deltas_of_layer(s, &s->layer[i], number, s->x, s->y, s->delta, max_abs_error);
    return error;
}

static double sum_of_few_squares(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

/* The part of |gradient|^2 that belongs to a layer's incoming weights: since dE/dw_ji = delta_j y_i, it is
 * |delta|^2 times the sum of squares of the sources. */
static double squared_norm_of_layer(const online_state *s, const small_layer *layer)
{
    double received = 0;
    for (size_t i = 0; i < layer->source_count; i++) {
        double y = (double)s->y[layer->sources[i].slot];
        received += y * y;
    }
    return received * sum_of_few_squares(s->delta + layer->first_slot, layer->units);
}

static void update_max_squared_norm(small_online_run *run, double squares)
{
    if (squares > run->max_squared_norm)
        run->max_squared_norm = squares;
}

/* Deltas of some vectors of units from v on, unless the layer has them, eq. 7 and 5; then eq. 6 and 9. If the
 * sources are inputs, the values of the next case follow, where keeps_x also in place of the deltas. */
BPI_INLINE void train_vectors(const online_state *s, const online_layer *l, size_t v, bool has_delta,
                              size_t vectors)
{
    const size_t slot = l->layer->first_slot + v * BPI_LANES;
    vec delta[SMALL_VECTORS], x[SMALL_VECTORS];
    if (!has_delta)
        backward_vectors(s, l, v, vectors, delta);
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        bp_real *to = s->delta + slot + n * BPI_LANES;
        delta[n] = has_delta ? load(to) : delta[n];
        store(to, delta[n]);
    }
    update_incoming(s, l, v, delta, vectors, x);
    bp_real *next = (l->layer->needs_x ? s->next_x : s->next) + slot;
    if (!l->only_inputs)
        return;
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        if (l->keeps_x)
            store(s->delta + slot + n * BPI_LANES, x[n]);
        store(next + n * BPI_LANES, activation_of(l->layer->activation, x[n]));
    }
}

BPI_NOINLINE void train_vector(const online_state *s, const online_layer *l, size_t v, bool has_delta)
{
    train_vectors(s, l, v, has_delta, 1);
}

BPI_NOINLINE void train_more_vectors(const online_state *s, const online_layer *l, size_t v, bool has_delta)
{
    train_vectors(s, l, v, has_delta, SMALL_VECTORS);
}

/* Eq. 7 and 5 for a layer whose activation needs x, as backward_vectors. */
static void find_deltas_from_x(const online_state *s, const online_layer *l)
{
    const size_t slot = l->layer->first_slot;
    size_t v = 0;
    vec delta[SMALL_VECTORS];
    for (; v + SMALL_VECTORS <= l->vectors; v += SMALL_VECTORS) {
        backward_vectors(s, l, v, SMALL_VECTORS, delta);
        for (size_t n = 0; n < SMALL_VECTORS; n++)
            store(s->delta + slot + (v + n) * BPI_LANES, delta[n]);
    }
    for (; v < l->vectors; v++) {
        backward_vectors(s, l, v, 1, delta);
        store(s->delta + slot + v * BPI_LANES, delta[0]);
    }
    multiply_slope_of(s, l->layer, s->x + slot, s->delta + slot);
}

/* Eq. 7, 6 and 9 for all layers, from the last to the first. The update of a layer whose sources are inputs
 * is also its forward pass for the next case. */
static void backward_layers(const online_state *s)
{
    double squares = 0;
    for (size_t i = s->layers; i-- > 0;) {
        const online_layer *l = &s->layer[i];
        const size_t slot = l->layer->first_slot;
        const bool needs_x = l->layer->needs_x, has_delta = l->layer->is_output || needs_x;
        size_t v = 0;
        if (needs_x && !l->layer->is_output)
            find_deltas_from_x(s, l);
        if (has_delta && s->run->wants_squared_norm)
            squares += squared_norm_of_layer(s, l->layer);
        for (; v + SMALL_VECTORS <= l->vectors; v += SMALL_VECTORS)
            train_more_vectors(s, l, v, has_delta);
        for (; v < l->vectors; v++)
            train_vector(s, l, v, has_delta);
        if (needs_x && l->only_inputs)
            find_values_of(s, l->layer, s->next_x + slot, s->next + slot);
        if (!has_delta && s->run->wants_squared_norm)
            squares += squared_norm_of_layer(s, l->layer);
    }
    update_max_squared_norm(s->run, squares);
}

/* A case whose E is not finite is rejected before it updates anything. Before the first update of a call, a
 * snapshot is taken if wanted. */
BPI_INLINE bool accept_error(online_state *s, size_t number, double error)
{
    small_online_run *run = s->run;
    if (!isfinite(error) && run->gradient == NULL)
        return false;
    run->error += error;
    if (number == 0 && run->takes_snapshot) {
        for (size_t i = 0; i < s->vectors; i++)
            s->snapshot[i] = s->weights[i].weight;
        s->has_snapshot = true;
    }
    return true;
}

static bool train_case(online_state *s, size_t number)
{
    vec max_abs_error = s->max_abs_error;
    load_inputs(s->run, number + 1, s->next);
    for (size_t i = 0; i < s->layers; i++)
        if (!s->layer[i].only_inputs || number == 0)
            forward_layer(s, &s->layer[i]);
    if (!accept_error(s, number, find_output_deltas(s, number, &max_abs_error)))
        return false;
    s->max_abs_error = max_abs_error;
    backward_layers(s);
    bp_real *y = s->y, *x = s->x;
    s->y = s->next;
    s->next = y;
    s->x = s->next_x;
    s->next_x = x;
    return true;
}

/* Trains the cases of the call, for any network; returns how many have updated the weights. */
static size_t train_layers(online_state *s)
{
    size_t done = 0;
    load_inputs(s->run, 0, s->y);
    while (done < s->run->count && train_case(s, done))
        done++;
    return done;
}

#endif
