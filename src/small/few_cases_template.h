/*
 * Online training (online_template.h) by batches of a few cases, whose summed gradient makes an update. The
 * cases go forward and backward side by side, up to SMALL_TOGETHER at once, so that each vector of weights is
 * loaded once for them. Then each vector of weights is updated by the sum of its derivatives, which is made
 * in a register; no gradient is stored. Lanes beyond the last unit have y = 0 and delta = 0, so that their
 * weights stay 0.
 */
#ifndef BPI_SMALL_FEW_CASES_TEMPLATE_H
#define BPI_SMALL_FEW_CASES_TEMPLATE_H

#include "small/online_template.h"

enum { SMALL_TOGETHER = 4 /* cases, and rows of weights, worked on at once */ };

/* The values of case `number` of the batch, by slot. */
BPI_INLINE bp_real *few_y(const online_state *s, size_t number)
{
    return s->few + 2 * number * s->run->net->slots;
}

BPI_INLINE bp_real *few_delta(const online_state *s, size_t number)
{
    return few_y(s, number) + s->run->net->slots;
}

/* Its total inputs, by slot, in layers whose activation needs them. */
BPI_INLINE bp_real *few_x(const online_state *s, size_t number)
{
    return s->few + (2 * SMALL_MAX_BATCH + number) * s->run->net->slots;
}

/* [RHW86] eq. 1 and 2 for `cases` cases, a constant. The total inputs go into the slots of x if the
 * activation needs them, else into those of y. */
BPI_INLINE void forward_together(const online_layer *l, bp_real *const y[], bp_real *const delta[],
                                 bp_real *const to[], size_t cases)
{
    const small_source *source = l->layer->sources;
    const size_t slot = l->layer->first_slot, units = l->layer->units;
    for (size_t v = 0; v < l->vectors; v++) {
        const weight_values *w = l->incoming + v;
        const size_t left = units - v * BPI_LANES, at = slot + v * BPI_LANES;
        vec x[SMALL_TOGETHER];
        BPI_UNROLL
        for (size_t c = 0; c < cases; c++)
            x[c] = first_term(l->layer->has_bias, w->weight, y[c][source[0].slot]);
        for (size_t i = 1; i < l->layer->source_count; i++) {
            w += l->vectors;
            const vec weight = w->weight;
            BPI_UNROLL
            for (size_t c = 0; c < cases; c++)
                x[c] = multiply_add(weight, splat(y[c][source[i].slot]), x[c]);
        }
        const mask_vec inside = first_lanes(left);
        for (size_t c = 0; c < cases; c++) {
            if (l->keeps_x)
                store(delta[c] + at, x[c]);
            store(to[c] + at, masked(inside, activation_of(l->layer->activation, x[c])));
        }
    }
}

/* [RHW86] eq. 7 and 5 likewise. */
BPI_INLINE void backward_together(const online_layer *l, bp_real *const y[], bp_real *const delta[],
                                  size_t cases)
{
    const small_layer *layer = l->layer;
    for (size_t v = 0; v < l->vectors; v++) {
        const weight_values *w = l->outgoing + v;
        const size_t at = layer->first_slot + v * BPI_LANES;
        vec sum[SMALL_TOGETHER] = {{0}};
        for (size_t i = 0; i < layer->outgoing_count; i++)
            for (size_t j = 0; j < layer->outgoing[i].units; j++, w += l->vectors) {
                const size_t slot = layer->outgoing[i].first_slot + j;
                BPI_UNROLL
                for (size_t c = 0; c < cases; c++)
                    sum[c] = multiply_add(w->weight, splat(delta[c][slot]), sum[c]);
            }
        for (size_t c = 0; c < cases; c++)
            store(delta[c] + at, delta_of(layer->activation, sum[c], load(y[c] + at)));
    }
}

/* Forward or backward for cases `first` .. of the batch, as many as are left of `count`, at most
 * SMALL_TOGETHER. */
#define BPI_FEW_CASES(name, cases)                                                                           \
    BPI_NOINLINE void name(const online_state *s, const online_layer *l, size_t first, bool forward)         \
    {                                                                                                        \
        bp_real *y[SMALL_TOGETHER], *delta[SMALL_TOGETHER], *to[SMALL_TOGETHER];                             \
        for (size_t c = 0; c < cases; c++) {                                                                 \
            y[c] = few_y(s, first + c);                                                                      \
            delta[c] = few_delta(s, first + c);                                                              \
            to[c] = l->layer->needs_x ? few_x(s, first + c) : y[c];                                          \
        }                                                                                                    \
        if (forward)                                                                                         \
            forward_together(l, y, delta, to, cases);                                                        \
        else                                                                                                 \
            backward_together(l, y, delta, cases);                                                           \
    }
BPI_FEW_CASES(pass_of_one, 1)
BPI_FEW_CASES(pass_of_two, 2)
BPI_FEW_CASES(pass_of_all, SMALL_TOGETHER)

/* Eq. 2 or 5 of a layer whose activation needs x, for all cases. */
static void apply_activation_from_x(const online_state *s, const online_layer *l, size_t count, bool forward)
{
    const size_t slot = l->layer->first_slot, last = slot + (l->vectors - 1) * BPI_LANES;
    for (size_t c = 0; c < count; c++) {
        const bp_real *x = few_x(s, c) + slot;
        if (!forward) {
            multiply_slope_of(s, l->layer, x, few_delta(s, c) + slot);
            continue;
        }
        store(few_y(s, c) + last, (vec){0}); /* the lanes beyond the last unit */
        find_values_of(s, l->layer, x, few_y(s, c) + slot);
    }
}

static void pass_layer(const online_state *s, const online_layer *l, size_t count, bool forward)
{
    size_t first = 0;
    for (; first + SMALL_TOGETHER <= count; first += SMALL_TOGETHER)
        pass_of_all(s, l, first, forward);
    for (; first + 2 <= count; first += 2)
        pass_of_two(s, l, first, forward);
    if (first < count)
        pass_of_one(s, l, first, forward);
    if (l->layer->needs_x)
        apply_activation_from_x(s, l, count, forward);
}

/* ------------------------------------------------------------------------ updates */

/* A sum over the cases of the batch: the values of a case are `stride` after those of the one before. */
typedef struct few_cases {
    size_t count, stride;
    bp_real divisor;
} few_cases;

/* [RHW86] eq. 6 and 9 for a vector of weights in each of `rows` rows, a constant, `step` apart. A derivative
 * is the sum of products of the row's own value, one of `row_values`, and of a vector of values. */
BPI_INLINE void update_rows(const online_rule *rule, const few_cases *cases, weight_values *w, size_t step,
                            size_t rows, const bp_real *row_values, const bp_real *vector)
{
    vec sum[SMALL_TOGETHER] = {{0}};
    for (size_t c = 0; c < cases->count; c++, row_values += cases->stride, vector += cases->stride) {
        const vec values = load(vector);
        BPI_UNROLL
        for (size_t r = 0; r < rows; r++)
            sum[r] = multiply_add(values, splat(row_values[r]), sum[r]);
    }
    BPI_UNROLL
    for (size_t r = 0; r < rows; r++)
        update_vector(rule, w + r * step, cases->divisor == 1 ? sum[r] : sum[r] / cases->divisor);
}

/* Returns the row after the last. */
static weight_values *update_connection(const online_rule *rule, const few_cases *cases, weight_values *w,
                                        size_t step, size_t rows, const bp_real *row_values,
                                        const bp_real *vector)
{
    size_t r = 0;
    for (; r + SMALL_TOGETHER <= rows; r += SMALL_TOGETHER, w += SMALL_TOGETHER * step)
        update_rows(rule, cases, w, step, SMALL_TOGETHER, row_values + r, vector);
    for (; r + 2 <= rows; r += 2, w += 2 * step)
        update_rows(rule, cases, w, step, 2, row_values + r, vector);
    if (r < rows) {
        update_rows(rule, cases, w, step, 1, row_values + r, vector);
        w += step;
    }
    return w;
}

static void update_layer(const online_state *s, const online_layer *l, const few_cases *cases)
{
    const small_layer *layer = l->layer;
    const online_rule rule = s->rule;
    const bp_real *y = few_y(s, 0), *delta = few_delta(s, 0);
    for (size_t v = 0; v < l->vectors; v++) {
        const size_t at = layer->first_slot + v * BPI_LANES;
        weight_values *w = l->incoming + v;
        if (layer->has_bias)
            w = update_connection(&rule, cases, w, l->vectors, 1, y + s->run->net->one_slot, delta + at);
        for (size_t i = 0; i < layer->incoming_count; i++)
            w = update_connection(&rule, cases, w, l->vectors, layer->incoming[i].units,
                                  y + layer->incoming[i].first_slot, delta + at);
        w = l->outgoing + v;
        for (size_t i = 0; i < layer->outgoing_count; i++)
            w = update_connection(&rule, cases, w, l->vectors, layer->outgoing[i].units,
                                  delta + layer->outgoing[i].first_slot, y + at);
    }
}

/* -------------------------------------------------------------------------- a batch */

/* E of the batch; deltas of its outputs. */
static double few_output_deltas(const online_state *s, size_t number, size_t cases, vec *max_abs_error)
{
    double error = 0;
    for (size_t c = 0; c < cases; c++)
        error += find_output_deltas(s, number + c, few_x(s, c), few_y(s, c), few_delta(s, c), max_abs_error);
    return error;
}

/* False, without an update, if E is not finite. */
static bool train_batch(online_state *s, size_t number, size_t cases)
{
    const few_cases all = {cases, 2 * s->run->net->slots, s->run->takes_mean ? (bp_real)cases : 1};
    vec max_abs_error = s->max_abs_error;
    for (size_t c = 0; c < cases; c++)
        load_inputs(s->run, number + c, few_y(s, c));
    for (size_t i = 0; i < s->layers; i++)
        pass_layer(s, &s->layer[i], cases, true);
    if (!accept_error(s, number, few_output_deltas(s, number, cases, &max_abs_error)))
        return false;
    s->max_abs_error = max_abs_error;
    for (size_t i = s->layers; i-- > 0;)
        if (!s->layer[i].layer->is_output)
            pass_layer(s, &s->layer[i], cases, false);
    for (size_t i = 0; i < s->layers; i++)
        update_layer(s, &s->layer[i], &all);
    return true;
}

/* As train_layers. */
static size_t train_batches(online_state *s)
{
    const small_online_run *run = s->run;
    size_t done = 0, cases;
    for (size_t c = 0; c < run->batch; c++)
        few_y(s, c)[run->net->one_slot] = 1;
    for (; done < run->count; done += cases) {
        cases = run->count - done < run->batch ? run->count - done : run->batch;
        if (!train_batch(s, done, cases))
            break;
    }
    return done;
}

#endif
