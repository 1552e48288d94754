/*
 * A run of cases on a small network (small.h), each of which changes the weights before the next. What takes
 * time is the chain from one case's inputs through the changed weights to the next case's outputs; a vector
 * holds some units of a layer, and nothing on the chain sums over lanes or waits for what was stored in
 * pieces:
 *
 *     by receivers   [ w_0i  w_1i  w_2i  w_3i ]  for each sender i: x += w y_i, eq. 1
 *     by senders     [ w_j0  w_j1  w_j2  w_j3 ]  for each receiver j: dE/dy += w delta_j, eq. 7
 *
 * Weights between layers that both have deltas are kept both ways; both copies are changed by the same
 * operations, so they stay the same. A layer that only inputs lead to has its outputs for the next case as
 * soon as its weights are changed.
 */
#ifndef BPI_SMALL_ONLINE_TEMPLATE_H
#define BPI_SMALL_ONLINE_TEMPLATE_H

#include <math.h>

#include "kernel/activation_template.h"
#include "kernel/update_template.h"
#include "kernel/wide.h"
#include "small/small.h"

/* Some weights and their last changes. */
typedef struct run_weights {
    vec weight, last_update;
} run_weights;

/* A layer of the run: rows of `vectors` vectors, one for each sender, and one for each unit it sends to. */
typedef struct run_layer {
    const small_layer *layer;
    size_t vectors;
    run_weights *by_receivers, *by_senders;
    bool from_inputs; /* only inputs and the bias lead to it */
} run_layer;

/* What a gradient does to weights, as sgd_update; or it takes the place of their changes. */
typedef struct run_rule {
    bp_real rate, momentum, decay_factor;
    bool stores_gradient;
} run_rule;

/* Stands at the beginning of the scratch, where it stays from call to call. */
typedef struct case_runner {
    small_run *run;
    size_t layers; /* that are no inputs */
    run_layer layer[SMALL_MAX_LAYERS];
    bp_real *y, *next, *delta;   /* by places; next: of the next case, as far as it is known */
    run_weights *weights, *kept; /* all of them, and as they were when last kept */
    size_t vectors;              /* of each */
    bool has_kept;
    run_rule rule;
    vec deviation;
} case_runner;

static size_t vectors_of(size_t units)
{
    return (units + BPI_LANES - 1) / BPI_LANES;
}

static size_t receivers_of(const small_layer *layer)
{
    size_t count = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        count += layer->outgoing[i].units;
    return count;
}

static size_t vectors_of_net(const small_net *net)
{
    size_t vectors = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        if (!layer->is_input)
            vectors += vectors_of(layer->units) * (layer->sender_count + receivers_of(layer));
    }
    return vectors;
}

static size_t small_run_scratch(const small_net *net)
{
    return (sizeof(case_runner) + 2 * vectors_of_net(net) * sizeof(run_weights)) / sizeof(bp_real) +
           3 * net->places;
}

/* ------------------------------------------------------------------ in and out */

/* One row of weights that stand `stride` apart from `offset` on; with their changes, if they are to change.
 */
static void load_run_weights(const small_run *run, size_t offset, size_t stride, size_t units,
                             run_weights *row)
{
    row[(units - 1) / BPI_LANES] = (run_weights){0};
    for (size_t u = 0; u < units; u++, offset += stride) {
        row[u / BPI_LANES].weight[u % BPI_LANES] = run->update.weights[offset];
        if (run->gradient == NULL)
            row[u / BPI_LANES].last_update[u % BPI_LANES] = run->update.last_update[offset];
    }
}

static void load_run_layer(const small_run *run, const run_layer *l)
{
    const small_layer *layer = l->layer;
    run_weights *row = l->by_receivers;
    for (size_t i = 0; i < layer->sender_count; i++, row += l->vectors)
        load_run_weights(run, layer->senders[i].offset, layer->senders[i].stride, layer->units, row);
    row = l->by_senders;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        for (size_t j = 0; j < layer->outgoing[i].units; j++, row += l->vectors)
            load_run_weights(run, layer->outgoing[i].offset + j * layer->units, 1, layer->units, row);
}

/* The rows of weights by receivers that begin at `row`: weights, where they are wanted, and changes. */
static void store_run_layer(const run_layer *l, const run_weights *row, bp_real *weights, bp_real *changes)
{
    const small_layer *layer = l->layer;
    for (size_t i = 0; i < layer->sender_count; i++, row += l->vectors) {
        size_t to = layer->senders[i].offset;
        for (size_t u = 0; u < layer->units; u++, to += layer->senders[i].stride) {
            if (weights != NULL)
                weights[to] = row[u / BPI_LANES].weight[u % BPI_LANES];
            if (changes != NULL)
                changes[to] = row[u / BPI_LANES].last_update[u % BPI_LANES];
        }
    }
}

static bool leads_from_inputs(const small_net *net, const small_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++)
        if (!net->layers[layer->incoming[i].layer].is_input)
            return false;
    return true;
}

static void add_run_layer(case_runner *r, const small_layer *layer)
{
    run_layer *l = &r->layer[r->layers++];
    *l = (run_layer){.layer = layer, .vectors = vectors_of(layer->units)};
    l->from_inputs = leads_from_inputs(r->run->net, layer);
    l->by_receivers = r->weights + r->vectors;
    r->vectors += l->vectors * layer->sender_count;
    l->by_senders = r->weights + r->vectors;
    r->vectors += l->vectors * receivers_of(layer);
    load_run_layer(r->run, l);
}

static case_runner *runner_of(small_run *run)
{
    case_runner *r = (case_runner *)(void *)run->scratch;
    r->run = run;
    return r;
}

static void small_run_begin(small_run *run)
{
    const small_net *net = run->net;
    case_runner *r = runner_of(run);
    r->layers = r->vectors = 0;
    r->has_kept = false;
    r->weights = (run_weights *)(void *)(r + 1);
    r->kept = r->weights + vectors_of_net(net);
    r->y = (bp_real *)(void *)(r->kept + vectors_of_net(net));
    r->next = r->y + net->places;
    r->delta = r->next + net->places;
    r->y[net->one] = r->next[net->one] = 1;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i].is_input)
            add_run_layer(r, &net->layers[i]);
}

static void small_run_end(small_run *run)
{
    const case_runner *r = runner_of(run);
    for (size_t i = 0; i < r->layers; i++) {
        const run_layer *l = &r->layer[i];
        if (run->gradient != NULL)
            store_run_layer(l, l->by_receivers, NULL, run->gradient);
        else
            store_run_layer(l, l->by_receivers, run->update.weights, run->update.last_update);
        if (r->has_kept)
            store_run_layer(l, r->kept + (l->by_receivers - r->weights), run->keep, NULL);
    }
}

/* The index of case `number` of the run; behind the last case there is none, and it stands for it. */
BPI_INLINE size_t case_index(const small_run *run, size_t number)
{
    const size_t at = number < run->count ? number : run->count - 1;
    return run->order == NULL ? run->first + at : run->order[at];
}

/* Inputs of case `number`, to their places. */
static void load_run_inputs(const small_run *run, size_t number, bp_real *to)
{
    const size_t index = case_index(run, number);
    for (size_t i = 0; i < run->net->layer_count; i++) {
        const small_layer *layer = &run->net->layers[i];
        if (!layer->is_input)
            continue;
        const bp_real *inputs = run->values[i].inputs + index * run->values[i].stride;
        for (size_t u = 0; u < layer->units; u++)
            to[layer->place + u] = inputs[u];
    }
}

/* --------------------------------------------------------------------- a layer */

/* The bias or, without one, the product of the first sender. */
BPI_INLINE vec first_term(bool has_bias, vec weight, bp_real y)
{
    return has_bias ? weight : weight * y;
}

/* [RHW86] eq. 1 and 2 */
static void run_forward(const case_runner *r, const run_layer *l)
{
    const small_sender *sender = l->layer->senders;
    for (size_t v = 0; v < l->vectors; v++) {
        const run_weights *w = l->by_receivers + v;
        vec x = first_term(l->layer->has_bias, w->weight, r->y[sender[0].place]);
        for (size_t i = 1; i < l->layer->sender_count; i++) {
            w += l->vectors;
            x = multiply_add(w->weight, splat(r->y[sender[i].place]), x);
        }
        store(r->y + l->layer->place + v * BPI_LANES, activation_of(l->layer->activation, x));
    }
}

/* [RHW86] eq. 9 for the weights of a vector, as update_lanes. */
BPI_INLINE vec update_run_weights(const run_rule *rule, run_weights *w, vec gradient)
{
    if (rule->stores_gradient) {
        w->last_update = gradient;
        return w->weight;
    }
    vec change = next_update(gradient, w->last_update, rule->rate, rule->momentum);
    vec weight = w->weight + change;
    if (rule->decay_factor != 1)
        weight *= rule->decay_factor;
    w->last_update = change;
    w->weight = weight;
    return weight;
}

/* [RHW86] eq. 6 and 9 for all weights into some units; where only inputs lead to them, gives their outputs
 * for the next case by eq. 1 and 2, with the same order of terms as above. */
BPI_INLINE vec online_update(const case_runner *r, const run_layer *l, size_t v, vec delta)
{
    const small_sender *sender = l->layer->senders;
    const run_rule rule = r->rule;
    run_weights *w = l->by_receivers + v;
    vec x = update_run_weights(&rule, w, delta * r->y[sender[0].place]);
    if (!l->from_inputs) {
        for (size_t i = 1; i < l->layer->sender_count; i++) {
            w += l->vectors;
            update_run_weights(&rule, w, delta * r->y[sender[i].place]);
        }
        return x;
    }
    x = first_term(l->layer->has_bias, x, r->next[sender[0].place]);
    for (size_t i = 1; i < l->layer->sender_count; i++) {
        w += l->vectors;
        const vec weight = update_run_weights(&rule, w, delta * r->y[sender[i].place]);
        x = multiply_add(weight, splat(r->next[sender[i].place]), x);
    }
    return activation_of(l->layer->activation, x);
}

/* [RHW86] eq. 7 and 5 for some units; the weights by which they send are then changed. Lanes behind the last
 * unit have y = 0, so that their weights and changes stay 0: numbers that nobody reads must not become so
 * small that the processor is slow with them. */
BPI_INLINE vec run_backward(const case_runner *r, const run_layer *l, size_t v)
{
    const small_layer *layer = l->layer;
    vec sum = {0}, y = load(r->y + layer->place + v * BPI_LANES);
    y = (vec)((mask_vec)y & first_lanes(layer->units - v * BPI_LANES));
    const run_rule rule = r->rule;
    run_weights *w = l->by_senders + v;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        for (size_t j = 0; j < layer->outgoing[i].units; j++, w += l->vectors) {
            bp_real delta = r->delta[layer->outgoing[i].place + j];
            sum = multiply_add(w->weight, splat(delta), sum);
            update_run_weights(&rule, w, y * delta);
        }
    return delta_of(layer->activation, sum, y);
}

/* ---------------------------------------------------------------------- a case */

/* [RHW86] eq. 3 from the squares in the lanes of so many units, one after the other: mostly there are few. */
BPI_INLINE double error_of(const wide_sum *squares, size_t units, bp_real weight)
{
    double lanes[BPI_LANES], sum;
    memcpy(lanes, squares, sizeof lanes);
    sum = lanes[0];
    for (size_t lane = 1; lane < units && lane < BPI_LANES; lane++)
        sum += lanes[lane];
    return 0.5 * sum * (double)weight;
}

/* [RHW86] eq. 4 and 5 for some outputs, the first `lanes` of a vector, of a case of that weight; and what
 * they add to E, eq. 3, in double. Outputs within the tolerance err not. Without branches: nobody can
 * foretell which output will deviate most. */
BPI_INLINE vec output_delta(int32_t activation, vec y, const bp_real *target, size_t lanes, bp_real weight,
                            bp_real tolerance, vec *deviation, wide_sum *squares)
{
    vec output = (vec)((mask_vec)y & first_lanes(lanes)), wanted = load_last(target, lanes);
    vec difference = output - wanted, distance = absolute(difference);
    *deviation = choose(distance > *deviation, distance, *deviation);
    if (tolerance >= 0) {
        const mask_vec errs = ~(mask_vec)(distance <= tolerance);
        output = (vec)((mask_vec)output & errs);
        wanted = (vec)((mask_vec)wanted & errs);
        difference = (vec)((mask_vec)difference & errs);
    }
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide exact = widen(output, part) - widen(wanted, part);
        squares->part[part] = wide_multiply_add(exact, exact, squares->part[part]);
    }
    if (weight != 1)
        difference *= weight;
    return delta_of(activation, difference, y);
}

/* What belongs to case `number` of the run. */
typedef struct run_case {
    const bp_real *targets;
    bp_real weight;
} run_case;

BPI_INLINE run_case find_case(const small_run *run, size_t number)
{
    const size_t index = case_index(run, number);
    return (run_case){run->targets + index * run->target_stride,
                      run->case_weights == NULL ? 1 : run->case_weights[index]};
}

/* E of the case, added up over its output layers, whose deltas are then there. */
static double run_outputs(const case_runner *r, size_t number, vec *deviation)
{
    const run_case at = find_case(r->run, number);
    double error = 0;
    for (size_t i = 0; i < r->layers; i++) {
        const small_layer *layer = r->layer[i].layer;
        if (!layer->is_output)
            continue;
        const bp_real *target = at.targets + layer->output_column;
        bp_real *y = r->y + layer->place, *delta = r->delta + layer->place;
        wide_sum sum = {{{0}}};
        for (size_t unit = 0; unit < layer->units; unit += BPI_LANES) {
            const size_t left = layer->units - unit, lanes = left < BPI_LANES ? left : BPI_LANES;
            store(delta + unit, output_delta(layer->activation, load(y + unit), target + unit, lanes,
                                             at.weight, r->run->tolerance, deviation, &sum));
        }
        error += error_of(&sum, layer->units, at.weight);
    }
    return error;
}

static double squares_of(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

/* The part of the weights into a layer in the sum of squares of the case's gradient: that of dE/dx times that
 * of what the layer receives. */
static double run_squares(const case_runner *r, const small_layer *layer)
{
    double received = 0;
    for (size_t i = 0; i < layer->sender_count; i++) {
        double y = (double)r->y[layer->senders[i].place];
        received += y * y;
    }
    return received * squares_of(r->delta + layer->place, layer->units);
}

static void raise_squares(small_run *run, double squares)
{
    if (squares > run->greatest_squares)
        run->greatest_squares = squares;
}

/* Eq. 7, 6 and 9 for all layers from the last to the first, whose change may be the next case's forward pass.
 */
static void run_downwards(const case_runner *r)
{
    double squares = 0;
    for (size_t i = r->layers; i-- > 0;) {
        const run_layer *l = &r->layer[i];
        bp_real *to = r->delta + l->layer->place;
        for (size_t v = 0; v < l->vectors; v++, to += BPI_LANES) {
            vec delta = l->layer->is_output ? load(to) : run_backward(r, l, v);
            store(to, delta);
            vec next = online_update(r, l, v, delta);
            if (l->from_inputs)
                store(r->next + l->layer->place + v * BPI_LANES, next);
        }
        if (r->run->wants_squares)
            squares += run_squares(r, l->layer);
    }
    raise_squares(r->run, squares);
}

/* A case whose E is not finite changes nothing. The first that does is the moment to keep the weights. */
BPI_INLINE bool accept_error(case_runner *r, size_t number, double error)
{
    small_run *run = r->run;
    if (!isfinite(error) && run->gradient == NULL)
        return false;
    run->error += error;
    if (number == 0 && run->keeps) {
        for (size_t i = 0; i < r->vectors; i++)
            r->kept[i].weight = r->weights[i].weight;
        r->has_kept = true;
    }
    return true;
}

static bool run_one_case(case_runner *r, size_t number)
{
    vec deviation = r->deviation;
    load_run_inputs(r->run, number + 1, r->next);
    for (size_t i = 0; i < r->layers; i++)
        if (!r->layer[i].from_inputs || number == 0)
            run_forward(r, &r->layer[i]);
    if (!accept_error(r, number, run_outputs(r, number, &deviation)))
        return false;
    r->deviation = deviation;
    run_downwards(r);
    bp_real *y = r->y;
    r->y = r->next;
    r->next = y;
    return true;
}

/* The run's cases with any network; gives how many have changed the weights. */
static size_t run_all(case_runner *r)
{
    size_t done = 0;
    load_run_inputs(r->run, 0, r->y);
    while (done < r->run->count && run_one_case(r, done))
        done++;
    return done;
}

#endif
