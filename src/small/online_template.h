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

#include "kernel/update_template.h"
#include "small/online_loss_template.h"

/* A layer that is no input: its weights in rows of `vectors` vectors, a row for each source and a row for
 * each unit that it sends to. */
typedef struct online_layer {
    const small_layer *layer;
    size_t vectors;
    weight_values *incoming, *outgoing;
    bool only_inputs; /* are all its sources inputs or the constant 1, and keeps_x is false? */
    bool keeps_x; /* for a loss that gives deltas, in their slots; it computes y of a softmax layer, too */
    const small_loss *loss; /* of an output layer */
    bool is_plain;          /* is that squared error, and does the activation not need x? */
} online_layer;

/* How a gradient updates weights, as in weight_update; or, with stores_gradient, it overwrites their last
 * updates. */
typedef struct online_rule {
    bp_real rate, momentum, decay_factor;
    bool stores_gradient;
} online_rule;

/* The state of a run, at the beginning of its scratch; valid from online_begin to online_end. */
typedef struct online_state {
    small_online_run *run;
    size_t layers; /* without input layers */
    online_layer layer[SMALL_MAX_LAYERS];
    bp_real *few;              /* y and delta, by slot, of each case of a batch of several; then x of each */
    bp_real *y, *next, *delta; /* by slot; next: y of the next case, as far as it is known */
    bp_real *x, *next_x;       /* likewise, of layers whose activation needs x */
    weight_values *weights;    /* all of both layouts */
    vec *snapshot;             /* the weights alone, at the last snapshot */
    size_t vectors;            /* in weights, and in snapshot */
    bool has_snapshot;
    online_rule rule;
    vec max_abs_error;
} online_state;

static size_t vectors_of(size_t units)
{
    return (units + BPI_LANES - 1) / BPI_LANES;
}

static size_t receiver_count(const small_layer *layer)
{
    size_t count = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        count += layer->outgoing[i].units;
    return count;
}

static size_t weight_vectors(const small_net *net)
{
    size_t vectors = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        if (!layer->is_input)
            vectors += vectors_of(layer->units) * (layer->source_count + receiver_count(layer));
    }
    return vectors;
}

static size_t online_scratch(const small_net *net)
{
    const size_t vectors = weight_vectors(net);
    return (sizeof(online_state) + vectors * (sizeof(weight_values) + sizeof(vec))) / sizeof(bp_real) +
           (5 + 3 * SMALL_MAX_BATCH) * net->slots;
}

/* ------------------------------------------------------------------ in and out */

/* A row of weights, which are `stride` apart from `offset` on, with their last updates if they will be
 * updated. */
static void load_weight_row(const small_online_run *run, size_t offset, size_t stride, size_t units,
                            weight_values *row)
{
    row[(units - 1) / BPI_LANES] = (weight_values){0};
    for (size_t u = 0; u < units; u++, offset += stride) {
        row[u / BPI_LANES].weight[u % BPI_LANES] = run->update.weights[offset];
        if (run->gradient == NULL)
            row[u / BPI_LANES].last_update[u % BPI_LANES] = run->update.last_update[offset];
    }
}

static void load_layer(const small_online_run *run, const online_layer *l)
{
    const small_layer *layer = l->layer;
    weight_values *row = l->incoming;
    for (size_t i = 0; i < layer->source_count; i++, row += l->vectors)
        load_weight_row(run, layer->sources[i].offset, layer->sources[i].stride, layer->units, row);
    row = l->outgoing;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        for (size_t j = 0; j < layer->outgoing[i].units; j++, row += l->vectors)
            load_weight_row(run, layer->outgoing[i].offset + j * layer->units, 1, layer->units, row);
}

/* Writes values of the incoming weights of a layer back, which begin at `row` and are `step` vectors apart.
 */
static void store_layer(const online_layer *l, const vec *row, size_t step, bp_real *to)
{
    const small_layer *layer = l->layer;
    for (size_t i = 0; i < layer->source_count; i++, row += l->vectors * step) {
        size_t weight = layer->sources[i].offset;
        for (size_t u = 0; u < layer->units; u++, weight += layer->sources[i].stride)
            to[weight] = row[u / BPI_LANES * step][u % BPI_LANES];
    }
}

static bool has_only_inputs(const small_net *net, const small_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (!net->layers[layer->incoming[i].layer].is_input)
            return false;
    return true;
}

static void add_layer(online_state *s, const small_layer *layer)
{
    online_layer *l = &s->layer[s->layers++];
    *l = (online_layer){.layer = layer, .vectors = vectors_of(layer->units)};
    l->loss = layer->is_output ? &s->run->losses[layer - s->run->net->layers] : NULL;
    l->keeps_x = layer->is_output && l->loss->gives_delta;
    l->is_plain = layer->is_output && !l->keeps_x && l->loss->find == NULL && !layer->needs_x;
    l->only_inputs = !l->keeps_x && has_only_inputs(s->run->net, layer);
    l->incoming = s->weights + s->vectors;
    s->vectors += l->vectors * layer->source_count;
    l->outgoing = s->weights + s->vectors;
    s->vectors += l->vectors * receiver_count(layer);
    load_layer(s->run, l);
}

static online_state *state_of(small_online_run *run)
{
    online_state *s = (online_state *)(void *)run->scratch;
    s->run = run;
    return s;
}

static void online_begin(small_online_run *run)
{
    const small_net *net = run->net;
    online_state *s = state_of(run);
    s->layers = s->vectors = 0;
    s->has_snapshot = false;
    s->weights = (weight_values *)(void *)(s + 1);
    s->snapshot = (vec *)(void *)(s->weights + weight_vectors(net));
    s->y = (bp_real *)(void *)(s->snapshot + weight_vectors(net));
    s->next = s->y + net->slots;
    s->delta = s->next + net->slots;
    s->x = s->delta + net->slots;
    s->next_x = s->x + net->slots;
    s->few = s->next_x + net->slots;
    s->y[net->one_slot] = s->next[net->one_slot] = 1;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i].is_input)
            add_layer(s, &net->layers[i]);
}

static void online_end(small_online_run *run)
{
    const online_state *s = state_of(run);
    bp_real *gradient = run->gradient; /* then in place of the last updates */
    for (size_t i = 0; i < s->layers; i++) {
        const online_layer *l = &s->layer[i];
        const size_t step = sizeof *l->incoming / sizeof(vec);
        store_layer(l, &l->incoming->last_update, step, gradient ? gradient : run->update.last_update);
        if (gradient == NULL)
            store_layer(l, &l->incoming->weight, step, run->update.weights);
        if (s->has_snapshot)
            store_layer(l, s->snapshot + (l->incoming - s->weights), 1, run->weights_snapshot);
    }
}

/* The index of case `number` of the call; beyond the last case, that of the last. */
BPI_INLINE size_t case_index(const small_online_run *run, size_t number)
{
    const size_t at = number < run->count ? number : run->count - 1;
    return run->order == NULL ? run->first + at : run->order[at];
}

/* The targets and the weight of a case. */
typedef struct online_case {
    const bp_real *targets;
    bp_real weight;
} online_case;

BPI_INLINE online_case find_case(const small_online_run *run, size_t number)
{
    const size_t index = case_index(run, number);
    return (online_case){run->targets + index * run->target_stride,
                         run->case_weights == NULL ? 1 : run->case_weights[index]};
}

/* The inputs of case `number`, into their slots. */
static void load_inputs(const small_online_run *run, size_t number, bp_real *to)
{
    const size_t index = case_index(run, number);
    for (size_t i = 0; i < run->net->layer_count; i++) {
        const small_layer *layer = &run->net->layers[i];
        if (!layer->is_input)
            continue;
        const bp_real *inputs = run->values[i].inputs + index * run->values[i].stride;
        for (size_t u = 0; u < layer->units; u++)
            to[layer->first_slot + u] = inputs[u];
    }
}

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

/* The bias, which is the first row's weight, or without bias the product with the first source. */
BPI_INLINE vec first_term(bool has_bias, vec weight, bp_real y)
{
    return has_bias ? weight : weight * y;
}

/* [RHW86] eq. 1 and 2 */
static void forward_layer(const online_state *s, const online_layer *l)
{
    const small_source *source = l->layer->sources;
    const size_t slot = l->layer->first_slot;
    bp_real *to = (l->layer->needs_x ? s->x : s->y) + slot; /* such an activation leaves x as it is here */
    for (size_t v = 0; v < l->vectors; v++) {
        const weight_values *w = l->incoming + v;
        vec x = first_term(l->layer->has_bias, w->weight, s->y[source[0].slot]);
        for (size_t i = 1; i < l->layer->source_count; i++) {
            w += l->vectors;
            x = multiply_add(w->weight, splat(s->y[source[i].slot]), x);
        }
        if (l->keeps_x)
            store(s->delta + slot + v * BPI_LANES, x);
        store(to + v * BPI_LANES, activation_of(l->layer->activation, x));
    }
    if (l->layer->needs_x)
        find_values_of(s, l->layer, s->x + slot, s->y + slot);
}

/* [RHW86] eq. 9 for a vector of weights, which it returns, as update_lanes. */
BPI_INLINE vec update_vector(const online_rule *rule, weight_values *w, vec gradient)
{
    if (rule->stores_gradient) {
        w->last_update = gradient;
        return w->weight;
    }
    vec update = next_update(gradient, w->last_update, rule->rate, rule->momentum);
    vec weight = w->weight + update;
    if (rule->decay_factor != 1)
        weight *= rule->decay_factor;
    w->last_update = update;
    w->weight = weight;
    return weight;
}

/* [RHW86] eq. 6 and 9 for the incoming weights of a vector of units. If all sources are inputs, returns the
 * units' outputs for the next case, or their total inputs if the activation needs x, eq. 1 and 2, with terms
 * in the order of forward_layer. */
BPI_INLINE vec update_incoming(const online_state *s, const online_layer *l, size_t v, vec delta)
{
    const small_source *source = l->layer->sources;
    const online_rule rule = s->rule;
    weight_values *w = l->incoming + v;
    vec x = update_vector(&rule, w, delta * s->y[source[0].slot]);
    if (!l->only_inputs) {
        for (size_t i = 1; i < l->layer->source_count; i++) {
            w += l->vectors;
            update_vector(&rule, w, delta * s->y[source[i].slot]);
        }
        return x;
    }
    x = first_term(l->layer->has_bias, x, s->next[source[0].slot]);
    for (size_t i = 1; i < l->layer->source_count; i++) {
        w += l->vectors;
        const vec weight = update_vector(&rule, w, delta * s->y[source[i].slot]);
        x = multiply_add(weight, splat(s->next[source[i].slot]), x);
    }
    return activation_of(l->layer->activation, x);
}

/* [RHW86] eq. 7 and, unless the activation needs x, 5 for a vector of units, whose outgoing weights are then
 * updated. Lanes beyond the last
 * unit get y = 0, so that their weights and updates stay 0: otherwise they could become denormal, which is
 * slow. */
BPI_INLINE vec backward_vector(const online_state *s, const online_layer *l, size_t v)
{
    const small_layer *layer = l->layer;
    vec sum = {0}, y = load(s->y + layer->first_slot + v * BPI_LANES);
    y = (vec)((mask_vec)y & first_lanes(layer->units - v * BPI_LANES));
    const online_rule rule = s->rule;
    weight_values *w = l->outgoing + v;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        for (size_t j = 0; j < layer->outgoing[i].units; j++, w += l->vectors) {
            bp_real delta = s->delta[layer->outgoing[i].first_slot + j];
            sum = multiply_add(w->weight, splat(delta), sum);
            update_vector(&rule, w, y * delta);
        }
    return delta_of(layer->activation, sum, y);
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

/* The deltas of all output layers; returns E of the case. */
static double find_output_deltas(const online_state *s, size_t number, const bp_real *all_x, bp_real *all_y,
                                 bp_real *all_deltas, vec *max_abs_error)
{
    const online_case c = find_case(s->run, number);
    double error = 0;
    for (size_t i = 0; i < s->layers; i++) {
        const small_layer *layer = s->layer[i].layer;
        if (!layer->is_output)
            continue;
        const online_target at = target_of(&s->layer[i], &c);
        const size_t slot = layer->first_slot;
        bp_real *y = all_y + slot, *delta = all_deltas + slot;
        error += s->layer[i].is_plain
                     ? squared_error_outputs(layer->activation, &at, y, delta, max_abs_error)
                     : find_layer_deltas(s, &s->layer[i], &at, all_x + slot, y, delta, max_abs_error);
    }
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

/* Eq. 7 and 5 for a layer whose activation needs x, as backward_vector. */
static void find_deltas_from_x(const online_state *s, const online_layer *l)
{
    const size_t slot = l->layer->first_slot;
    for (size_t v = 0; v < l->vectors; v++)
        store(s->delta + slot + v * BPI_LANES, backward_vector(s, l, v));
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
        bp_real *to = s->delta + slot, *next = (needs_x ? s->next_x : s->next) + slot;
        if (needs_x && !l->layer->is_output)
            find_deltas_from_x(s, l);
        for (size_t v = 0; v < l->vectors; v++) {
            vec delta = has_delta ? load(to + v * BPI_LANES) : backward_vector(s, l, v);
            store(to + v * BPI_LANES, delta);
            const vec made = update_incoming(s, l, v, delta);
            if (l->only_inputs)
                store(next + v * BPI_LANES, made);
        }
        if (needs_x && l->only_inputs)
            find_values_of(s, l->layer, next, s->next + slot);
        if (s->run->wants_squared_norm)
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
    if (!accept_error(s, number, find_output_deltas(s, number, s->x, s->y, s->delta, &max_abs_error)))
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
