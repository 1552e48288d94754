/*
 * Runs (small_run_template.h) of the smallest networks: one hidden layer and one of outputs, of no more units
 * than a vector has lanes. Loops over layers and vectors are gone, and what one layer hands to the other
 * stays in registers, since storing a vector and loading its lanes again would take longer than the sums that
 * are made of them.
 */
#ifndef BPI_KERNEL_SMALL_PAIR_TEMPLATE_H
#define BPI_KERNEL_SMALL_PAIR_TEMPLATE_H

#include "kernel/small_run_template.h"

/* One lane of a vector in all lanes. */
BPI_INLINE vec spread_lane(vec v, size_t lane)
{
#if defined(__AVX2__) && BPI_VECTOR_BYTES == 32 && !defined(BP_DOUBLE)
    return (vec)_mm256_permutevar8x32_ps((__m256)v, _mm256_set1_epi32((int)lane));
#else
    return splat(v[lane]);
#endif
}

static bool is_pair(const case_runner *r)
{
    const run_layer *hidden = &r->layer[0], *output = &r->layer[1];
    return r->layers == 2 && hidden->vectors == 1 && output->vectors == 1 && hidden->from_inputs &&
           !hidden->layer->is_output && !output->from_inputs && output->layer->incoming_count == 1;
}

/* [RHW86] eq. 1 and 2 for the outputs. */
BPI_INLINE vec pair_forward(const run_layer *output, vec y)
{
    const run_weights *w = output->by_receivers;
    const size_t bias = output->layer->has_bias, units = output->layer->sender_count - bias;
    vec x = first_term(output, w++->weight, y[0]);
    for (size_t i = 1 - bias; i < units; i++)
        x += w++->weight * spread_lane(y, i);
    return activation_of(output->layer->activation, x);
}

/* [RHW86] eq. 7 and 5 for the hidden units, and eq. 6 and 9 for the weights by which they send. */
BPI_INLINE vec pair_backward(const case_runner *r, const run_layer *hidden, vec y, vec delta)
{
    const size_t receivers = hidden->layer->outgoing[0].units;
    vec sum = {0};
    y = (vec)((mask_vec)y & first_lanes(hidden->layer->units));
    for (size_t j = 0; j < receivers; j++) {
        const vec received = spread_lane(delta, j);
        sum += hidden->by_senders[j].weight * received;
        change_run_weights(r, &hidden->by_senders[j], y * received);
    }
    return delta_of(hidden->layer->activation, sum, y);
}

/* The same weights once more, by receivers. */
BPI_INLINE void pair_change(const case_runner *r, const run_layer *output, vec y, vec delta)
{
    run_weights *w = output->by_receivers;
    const size_t bias = output->layer->has_bias, units = output->layer->sender_count - bias;
    if (bias)
        change_run_weights(r, w++, delta);
    for (size_t i = 0; i < units; i++)
        change_run_weights(r, w++, delta * spread_lane(y, i));
}

/* For run_squares, which reads what other networks leave in memory. */
static void raise_pair_squares(case_runner *r, vec y, vec hidden_delta, vec output_delta)
{
    const small_layer *hidden = r->layer[0].layer, *output = r->layer[1].layer;
    store(r->y + hidden->place, y);
    store(r->delta + hidden->place, hidden_delta);
    store(r->delta + output->place, output_delta);
    raise_squares(r->run, run_squares(r, output) + run_squares(r, hidden));
}

/* y is that of the hidden units, and becomes that for the next case. */
BPI_INLINE bool run_pair_case(case_runner *r, size_t number, vec *y)
{
    const run_layer *hidden = &r->layer[0], *output = &r->layer[1];
    const small_layer *last = output->layer;
    const run_case at = find_case(r->run, number);
    const vec deviation = r->deviation;
    wide_lanes squares = {0};
    load_run_inputs(r->run, number + 1, r->next);
    const vec delta = output_delta(r, last->activation, pair_forward(output, *y), at.targets, last->units,
                                   at.weight, &squares);
    if (!accept_error(r, number, error_of(&squares, last->units, at.weight))) {
        r->deviation = deviation;
        return false;
    }
    const vec hidden_delta = pair_backward(r, hidden, *y, delta);
    if (r->run->wants_squares)
        raise_pair_squares(r, *y, hidden_delta, delta);
    pair_change(r, output, *y, delta);
    *y = run_change(r, hidden, 0, hidden_delta);
    go_to_next(r);
    return true;
}

/* As run_all. */
static size_t run_pair(case_runner *r)
{
    size_t done = 0;
    run_forward(r, &r->layer[0]);
    vec y = load(r->y + r->layer[0].layer->place);
    while (done < r->run->count && run_pair_case(r, done, &y))
        done++;
    return done;
}

#endif
