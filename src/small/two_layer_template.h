/*
 * Runs (small_run_template.h) of the smallest networks: one hidden layer that only inputs lead to, and one of
 * outputs, of no more units than a vector has lanes. There are no loops over layers and vectors, and what one
 * layer hands to the other stays in registers: storing a vector and loading its lanes again would take longer
 * than the sums that are made of them. What the hidden layer receives lies in the order of its rows.
 */
#ifndef BPI_SMALL_TWO_LAYER_TEMPLATE_H
#define BPI_SMALL_TWO_LAYER_TEMPLATE_H

#include "small/online_template.h"

/* All that a case needs to know; a copy, which no store can change. */
typedef struct pair {
    run_rule rule;
    run_weights *received; /* of the hidden units, a row per sender */
    run_weights *sent;     /* likewise, a row per output */
    run_weights *output;   /* of the outputs, a row per hidden unit, behind that of the bias */
    size_t senders, units, outputs;
    bool hidden_bias, output_bias;
    int32_t hidden_activation, output_activation;
    bp_real tolerance;
    bp_real *y, *next; /* what the hidden layer receives, for this case and the next: fewer than all places */
} pair;

static bool is_pair(const case_runner *r)
{
    const run_layer *hidden = &r->layer[0], *output = &r->layer[1];
    return r->layers == 2 && hidden->vectors == 1 && output->vectors == 1 && hidden->from_inputs &&
           !output->from_inputs && output->layer->incoming_count == 1;
}

static pair pair_of(const case_runner *r)
{
    const run_layer *hidden = &r->layer[0], *output = &r->layer[1];
    return (pair){.rule = r->rule,
                  .received = hidden->by_receivers,
                  .sent = hidden->by_senders,
                  .output = output->by_receivers,
                  .senders = hidden->layer->sender_count,
                  .units = hidden->layer->units,
                  .outputs = output->layer->units,
                  .hidden_bias = hidden->layer->has_bias,
                  .output_bias = output->layer->has_bias,
                  .hidden_activation = hidden->layer->activation,
                  .output_activation = output->layer->activation,
                  .tolerance = r->run->tolerance,
                  .y = r->y,
                  .next = r->next};
}

/* One lane of a vector in all lanes. */
BPI_INLINE vec spread_lane(vec v, size_t lane)
{
#if defined(__AVX2__) && BPI_VECTOR_BYTES == 32 && !defined(BP_DOUBLE)
    return (vec)_mm256_permutevar8x32_ps((__m256)v, _mm256_set1_epi32((int)lane));
#else
    return splat(v[lane]);
#endif
}

/* What the hidden layer receives for case `number`, as load_run_inputs. */
BPI_INLINE void load_pair_inputs(const case_runner *r, size_t number, bp_real *to)
{
    const small_run *run = r->run;
    const small_layer *hidden = r->layer[0].layer;
    const size_t index = case_index(run, number);
    if (hidden->has_bias)
        *to++ = 1;
    for (size_t i = 0; i < hidden->incoming_count; i++) {
        const small_values *values = &run->values[hidden->incoming[i].layer];
        const bp_real *inputs = values->inputs + index * values->stride;
        for (size_t u = 0; u < hidden->incoming[i].units; u++)
            *to++ = inputs[u];
    }
}

/* [RHW86] eq. 1 and 2 for the hidden units. */
static vec pair_begin(const pair *p)
{
    vec x = first_term(p->hidden_bias, p->received[0].weight, p->y[0]);
    for (size_t i = 1; i < p->senders; i++)
        x = multiply_add(p->received[i].weight, splat(p->y[i]), x);
    return activation_of(p->hidden_activation, x);
}

/* The same for the outputs. */
BPI_INLINE vec pair_outputs(const pair *p, vec y)
{
    const run_weights *w = p->output;
    vec x = first_term(p->output_bias, w++->weight, y[0]);
    for (size_t i = !p->output_bias; i < p->units; i++)
        x = multiply_add(w++->weight, spread_lane(y, i), x);
    return activation_of(p->output_activation, x);
}

/* [RHW86] eq. 7 and 5 for the hidden units, and eq. 6 and 9 for the weights by which they send. As
 * run_backward. */
BPI_INLINE vec pair_backward(const pair *p, vec y, vec delta)
{
    vec sum = {0};
    y = (vec)((mask_vec)y & first_lanes(p->units));
    for (size_t j = 0; j < p->outputs; j++) {
        const vec sent = spread_lane(delta, j);
        sum = multiply_add(p->sent[j].weight, sent, sum);
        update_run_weights(&p->rule, &p->sent[j], y * sent);
    }
    return delta_of(p->hidden_activation, sum, y);
}

/* The same weights once more, by receivers. */
BPI_INLINE void update_outputs(const pair *p, vec y, vec delta)
{
    run_weights *w = p->output;
    if (p->output_bias)
        update_run_weights(&p->rule, w++, delta);
    for (size_t i = 0; i < p->units; i++)
        update_run_weights(&p->rule, w++, delta * spread_lane(y, i));
}

/* [RHW86] eq. 6 and 9 for the weights from the inputs; gives y of the hidden units for the next case. As
 * online_update. */
BPI_INLINE vec update_hidden(const pair *p, vec delta)
{
    vec x = update_run_weights(&p->rule, &p->received[0], delta * p->y[0]);
    x = first_term(p->hidden_bias, x, p->next[0]);
    for (size_t i = 1; i < p->senders; i++)
        x = multiply_add(update_run_weights(&p->rule, &p->received[i], delta * p->y[i]), splat(p->next[i]),
                         x);
    return activation_of(p->hidden_activation, x);
}

/* The sum of squares of the case's gradient, as run_squares. */
static double pair_squares(const pair *p, vec y, vec hidden_delta, vec output_delta)
{
    bp_real sent[BPI_LANES], hidden[BPI_LANES], output[BPI_LANES];
    store(sent, y);
    store(hidden, hidden_delta);
    store(output, output_delta);
    return (squares_of(sent, p->units) + p->output_bias) * squares_of(output, p->outputs) +
           squares_of(p->y, p->senders) * squares_of(hidden, p->units);
}

/* As run_all. */
static size_t run_pair(case_runner *r)
{
    pair p = pair_of(r);
    size_t done = 0;
    load_pair_inputs(r, 0, p.y);
    vec y = pair_begin(&p), deviation = r->deviation;
    for (; done < r->run->count; done++) {
        const run_case at = find_case(r->run, done);
        wide_sum squares = {{{0}}};
        load_pair_inputs(r, done + 1, p.next);
        const vec delta = output_delta(p.output_activation, pair_outputs(&p, y), at.targets, p.outputs,
                                       at.weight, p.tolerance, &deviation, &squares);
        if (!accept_error(r, done, error_of(&squares, p.outputs, at.weight)))
            break;
        r->deviation = deviation;
        const vec hidden_delta = pair_backward(&p, y, delta);
        if (r->run->wants_squares)
            raise_squares(r->run, pair_squares(&p, y, hidden_delta, delta));
        update_outputs(&p, y, delta);
        y = update_hidden(&p, hidden_delta);
        bp_real *now = p.y;
        p.y = p.next;
        p.next = now;
    }
    return done;
}

#endif
