/*
 * Online training (online_template.h) of the smallest networks: one hidden layer, whose sources are all
 * inputs, and one output layer, neither with more units than a vector has lanes. There are no loops over
 * layers and vectors, and values pass from layer to layer in registers: storing a vector and loading its
 * lanes again would take longer than the sums that they enter. Sums have the bits of online_template.h: their
 * odd terms are added up by themselves. The inputs are stored in the order of the hidden layer's sources.
 */
#ifndef BPI_SMALL_TWO_LAYER_TEMPLATE_H
#define BPI_SMALL_TWO_LAYER_TEMPLATE_H

#include "small/online_template.h"

/* All that a case needs; a local copy, so that no store can alias it. */
typedef struct two_layer {
    online_rule rule;
    weight_values *hidden_incoming; /* the hidden layer's, a row per source */
    weight_values *hidden_outgoing; /* likewise, a row per output */
    weight_values *output_incoming; /* the output layer's: the biases, if any, then a row per hidden unit */
    size_t sources, units, outputs;
    bool hidden_bias, output_bias;
    int32_t hidden_activation, output_activation;
    bool hidden_needs_x;
    bool has_plain_outputs; /* squared error, and an activation that does not need x */
    bp_real tolerance, weight;
    double error_weight; /* of the loss, as weight */
    bp_real *y, *next;   /* of the hidden layer's sources, in this case and the next */
} two_layer;

static bool is_two_layer(const online_state *s)
{
    const online_layer *hidden = &s->layer[0], *output = &s->layer[1];
    return s->layers == 2 && hidden->vectors == 1 && output->vectors == 1 && hidden->only_inputs &&
           !hidden->layer->is_output && hidden->layer->incoming_count == 1 &&
           output->layer->incoming_count == 1;
}

static two_layer two_layer_of(const online_state *s)
{
    const online_layer *hidden = &s->layer[0], *output = &s->layer[1];
    return (two_layer){.rule = s->rule,
                       .hidden_incoming = hidden->incoming,
                       .hidden_outgoing = hidden->outgoing,
                       .output_incoming = output->incoming,
                       .sources = hidden->layer->source_count,
                       .units = hidden->layer->units,
                       .outputs = output->layer->units,
                       .hidden_bias = hidden->layer->has_bias,
                       .output_bias = output->layer->has_bias,
                       .hidden_activation = hidden->layer->activation,
                       .output_activation = output->layer->activation,
                       .hidden_needs_x = hidden->layer->needs_x,
                       .has_plain_outputs = output->is_plain,
                       .tolerance = output->loss->terms.tolerance,
                       .weight = (bp_real)output->loss->weight,
                       .error_weight = output->loss->weight,
                       .y = s->y,
                       .next = s->next};
}

/* One lane of a vector, broadcast to all lanes. */
BPI_INLINE vec broadcast_lane(vec v, size_t lane)
{
#if defined(__AVX2__) && BPI_VECTOR_BYTES == 32 && !defined(BP_DOUBLE)
    return (vec)_mm256_permutevar8x32_ps((__m256)v, _mm256_set1_epi32((int)lane));
#else
    return splat(v[lane]);
#endif
}

/* The values of the hidden layer's sources in case `number`, as load_inputs. */
BPI_INLINE void load_two_layer_inputs(const online_state *s, size_t number, bp_real *to)
{
    const small_online_run *run = s->run;
    const small_layer *hidden = s->layer[0].layer;
    const size_t index = case_index(run, number);
    if (hidden->has_bias)
        *to++ = 1;
    const small_values *values = &run->values[hidden->incoming[0].layer];
    const bp_real *inputs = values->inputs + index * values->stride;
    for (size_t u = 0; u < hidden->incoming[0].units; u++)
        *to++ = inputs[u];
}

/* The outputs of the hidden units with total inputs x, which are kept for backward_hidden. */
BPI_NOINLINE vec hidden_outputs_from_x(const online_state *s, vec x)
{
    const size_t slot = s->layer[0].layer->first_slot;
    bp_real y[BPI_LANES] = {0}; /* not in the layer's slots, where inputs may be */
    store(s->x + slot, x);
    find_values_of(s, s->layer[0].layer, s->x + slot, y);
    return load(y);
}

BPI_INLINE vec hidden_outputs_of(const online_state *s, const two_layer *t, vec x)
{
    return t->hidden_needs_x ? hidden_outputs_from_x(s, x) : activation_of(t->hidden_activation, x);
}

/* [RHW86] eq. 1 and 2 for the hidden units. */
static vec hidden_outputs(const online_state *s, const two_layer *t)
{
    const weight_values *w = t->hidden_incoming;
    size_t i = t->hidden_bias;
    vec even = i > 0 ? w[0].weight : (vec){0}, odd = {0};
    for (; i + 2 <= t->sources; i += 2) {
        even = multiply_add(w[i].weight, splat(t->y[i]), even);
        odd = multiply_add(w[i + 1].weight, splat(t->y[i + 1]), odd);
    }
    if (i < t->sources)
        even = multiply_add(w[i].weight, splat(t->y[i]), even);
    return hidden_outputs_of(s, t, even + odd);
}

/* Eq. 1 for the outputs. */
BPI_INLINE vec output_sums(const two_layer *t, vec y)
{
    const weight_values *w = t->output_incoming;
    vec even = t->output_bias ? w++->weight : (vec){0}, odd = {0};
    size_t i = 0;
    for (; i + 2 <= t->units; i += 2) {
        even = multiply_add(w[i].weight, broadcast_lane(y, i), even);
        odd = multiply_add(w[i + 1].weight, broadcast_lane(y, i + 1), odd);
    }
    if (i < t->units)
        even = multiply_add(w[i].weight, broadcast_lane(y, i), even);
    return even + odd;
}

/* E of the outputs of a case with total inputs x; delta goes into the layer's slots. For any loss and
 * activation. */
BPI_NOINLINE double other_two_layer_error(const online_state *s, online_case c, vec x, vec *max_abs_error)
{
    const small_layer *layer = s->layer[1].layer;
    const size_t slot = layer->first_slot;
    const online_target at = target_of(&s->layer[1], &c);
    store(s->delta + slot, x);
    store(s->x + slot, x);
    store(s->y + slot, activation_of(layer->activation, x));
    if (layer->needs_x)
        find_values_of(s, layer, s->x + slot, s->y + slot);
    return find_layer_deltas(s, &s->layer[1], &at, s->x + slot, s->y + slot, s->delta + slot, max_abs_error);
}

/* E and delta likewise. */
BPI_INLINE double two_layer_error(const online_state *s, const two_layer *t, size_t number, vec x, vec *delta,
                                  vec *max_abs_error)
{
    const online_case c = find_case(s->run, number);
    if (!t->has_plain_outputs) {
        const double error = other_two_layer_error(s, c, x, max_abs_error);
        *delta = load(s->delta + s->layer[1].layer->first_slot);
        return error;
    }
    wide_sum squares = {{{0}}};
    *delta = output_delta(t->output_activation, activation_of(t->output_activation, x), c.targets, t->outputs,
                          c.weight * t->weight, t->tolerance, max_abs_error, &squares);
    return 0.5 * sum_of_units(&squares, t->outputs) * ((double)c.weight * t->error_weight);
}

/* [RHW86] eq. 5 for the hidden units, whose x hidden_outputs_from_x has kept. */
BPI_NOINLINE vec hidden_deltas_from_x(const online_state *s, vec dy)
{
    const size_t slot = s->layer[0].layer->first_slot;
    store(s->delta + slot, dy);
    multiply_slope_of(s, s->layer[0].layer, s->x + slot, s->delta + slot);
    return load(s->delta + slot);
}

/* Adds the part of output j to dE/dy of the hidden units, and updates the weights to it. */
BPI_INLINE vec add_output(const two_layer *t, size_t j, vec y, vec delta, vec sum)
{
    const vec delta_j = broadcast_lane(delta, j);
    sum = multiply_add(t->hidden_outgoing[j].weight, delta_j, sum);
    update_vector(&t->rule, &t->hidden_outgoing[j], y * delta_j);
    return sum;
}

/* [RHW86] eq. 7 and 5 for the hidden units; eq. 6 and 9 for their outgoing weights. As backward_vectors. */
BPI_INLINE vec backward_hidden(const online_state *s, const two_layer *t, vec y, vec delta)
{
    vec even = {0}, odd = {0};
    size_t j = 0;
    y = (vec)((mask_vec)y & first_lanes(t->units));
    for (; j + 2 <= t->outputs; j += 2) {
        even = add_output(t, j, y, delta, even);
        odd = add_output(t, j + 1, y, delta, odd);
    }
    if (j < t->outputs)
        even = add_output(t, j, y, delta, even);
    const vec sum = even + odd;
    return t->hidden_needs_x ? hidden_deltas_from_x(s, sum) : delta_of(t->hidden_activation, sum, y);
}

/* The same weights in the other layout, and the biases of the outputs. */
BPI_INLINE void update_output_incoming(const two_layer *t, vec y, vec delta)
{
    weight_values *w = t->output_incoming;
    if (t->output_bias)
        update_biases(&t->rule, w++, delta);
    for (size_t i = 0; i < t->units; i++)
        update_vector(&t->rule, w++, delta * broadcast_lane(y, i));
}

/* [RHW86] eq. 6 and 9 for the weights from source i; returns the sum with its term for the next case. */
BPI_INLINE vec update_source(const two_layer *t, size_t i, vec delta, vec sum)
{
    const vec weight = update_vector(&t->rule, &t->hidden_incoming[i], delta * t->y[i]);
    return multiply_add(weight, splat(t->next[i]), sum);
}

/* The same for all sources; returns y of the hidden units for the next case. As update_incoming. */
BPI_INLINE vec update_hidden_incoming(const online_state *s, const two_layer *t, vec delta)
{
    size_t i = t->hidden_bias;
    vec even = i > 0 ? update_biases(&t->rule, &t->hidden_incoming[0], delta) : (vec){0}, odd = {0};
    for (; i + 2 <= t->sources; i += 2) {
        even = update_source(t, i, delta, even);
        odd = update_source(t, i + 1, delta, odd);
    }
    if (i < t->sources)
        even = update_source(t, i, delta, even);
    return hidden_outputs_of(s, t, even + odd);
}

/* |gradient|^2 of the case, as squared_norm_of_layer. */
static double two_layer_squared_norm(const two_layer *t, vec y, vec hidden_delta, vec output_delta)
{
    bp_real hidden_y[BPI_LANES], hidden[BPI_LANES], output[BPI_LANES];
    store(hidden_y, y);
    store(hidden, hidden_delta);
    store(output, output_delta);
    return (sum_of_few_squares(hidden_y, t->units) + t->output_bias) *
               sum_of_few_squares(output, t->outputs) +
           sum_of_few_squares(t->y, t->sources) * sum_of_few_squares(hidden, t->units);
}

/* As train_layers. */
static size_t train_two_layer(online_state *s)
{
    two_layer t = two_layer_of(s);
    size_t done = 0;
    load_two_layer_inputs(s, 0, t.y);
    vec y = hidden_outputs(s, &t), max_abs_error = s->max_abs_error;
    for (; done < s->run->count; done++) {
        vec delta;
        load_two_layer_inputs(s, done + 1, t.next);
        const double error = two_layer_error(s, &t, done, output_sums(&t, y), &delta, &max_abs_error);
        if (!accept_error(s, done, error))
            break;
        s->max_abs_error = max_abs_error;
        const vec hidden_delta = backward_hidden(s, &t, y, delta);
        if (s->run->wants_squared_norm)
            update_max_squared_norm(s->run, two_layer_squared_norm(&t, y, hidden_delta, delta));
        update_output_incoming(&t, y, delta);
        y = update_hidden_incoming(s, &t, hidden_delta);
        bp_real *now = t.y;
        t.y = t.next;
        t.next = now;
    }
    return done;
}

#endif
