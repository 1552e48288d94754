/*
 * Online training (online_template.h) by batches of a few cases, whose summed gradient makes an update. The
 * cases go forward and backward side by side, up to SMALL_TOGETHER at once, so that each vector of weights is
 * loaded once for them. Then each vector of weights is updated by the sum of its derivatives, which is made
 * in a register; the gradient is stored only for other rules than momentum (online_rule_template.h). Lanes
 * beyond the last unit have y = 0 and delta = 0, so that their weights stay 0.
 */
#ifndef BPI_SMALL_FEW_CASES_TEMPLATE_H
#define BPI_SMALL_FEW_CASES_TEMPLATE_H

#include "small/few_losses_template.h"
#include "small/online_rule_template.h"

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

/* The sums of all vectors of units for some cases, a constant, from `first` on: x goes into the slots of x if
 * the activation needs it, else into those of y; dE/dy into those of delta. */
#define BPI_FEW_CASES(name, cases)                                                                           \
    BPI_NOINLINE void name(const online_state *s, const online_layer *l, size_t first, bool forward)         \
    {                                                                                                        \
        bp_real *values[cases], *to[cases];                                                                  \
        size_t v = 0;                                                                                        \
        for (size_t c = 0; c < cases; c++) {                                                                 \
            bp_real *y = few_y(s, first + c), *delta = few_delta(s, first + c);                              \
            values[c] = forward ? y : delta;                                                                 \
            to[c] = !forward ? delta : l->layer->needs_x ? few_x(s, first + c) : y;                          \
        }                                                                                                    \
        for (; v + SMALL_VECTORS <= l->vectors; v += SMALL_VECTORS)                                          \
            sum_together(l, v, forward, values, to, cases, SMALL_VECTORS);                                   \
        for (; v < l->vectors; v++)                                                                          \
            sum_together(l, v, forward, values, to, cases, 1);                                               \
    }
BPI_FEW_CASES(sums_of_one, 1)
BPI_FEW_CASES(sums_of_two, 2)
BPI_FEW_CASES(sums_of_all, SMALL_TOGETHER)

/* [RHW86] eq. 2 or 5 of a layer whose activation needs x. */
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

/* Eq. 5 of a layer whose activation does not. */
static void multiply_slopes(const online_state *s, const online_layer *l, size_t count)
{
    const small_layer *layer = l->layer;
    for (size_t c = 0; c < count; c++) {
        const bp_real *y = few_y(s, c);
        bp_real *delta = few_delta(s, c);
        for (size_t at = layer->first_slot; at < layer->first_slot + layer->units; at += BPI_LANES)
            store(delta + at, delta_of(layer->activation, load(delta + at), load(y + at)));
    }
}

static void pass_layer(const online_state *s, const online_layer *l, size_t count, bool forward)
{
    size_t first = 0;
    for (; first + SMALL_TOGETHER <= count; first += SMALL_TOGETHER)
        sums_of_all(s, l, first, forward);
    for (; first + 2 <= count; first += 2)
        sums_of_two(s, l, first, forward);
    if (first < count)
        sums_of_one(s, l, first, forward);
    if (l->layer->needs_x)
        apply_activation_from_x(s, l, count, forward);
    else if (forward)
        activate_units(l, few_y(s, 0), few_delta(s, 0), count, 2 * s->run->net->slots);
    else
        multiply_slopes(s, l, count);
}

/* ------------------------------------------------------------------------ updates */

/* A sum over the cases of the batch: the values of a case are `stride` after those of the one before. */
typedef struct few_cases {
    size_t count, stride;
    bp_real factor;    /* of each sum */
    wide_sum *squares; /* those of the derivatives are added, lane by lane; or NULL */
} few_cases;

typedef struct gradient_tile {
    vec of[SMALL_VECTORS][2 * SMALL_TOGETHER];
} gradient_tile;

/* The squares of a tile are added up by themselves first, so that those of several tiles overlap. */
BPI_INLINE void add_gradient_squares(const gradient_tile *gradient, size_t rows, size_t vectors,
                                     wide_sum *squares)
{
    wide_sum sum = {{{0}}};
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        BPI_UNROLL
        for (size_t r = 0; r < rows; r++) {
            BPI_UNROLL
            for (size_t part = 0; part < WIDE_PARTS; part++) {
                const wide value = widen(gradient->of[n][r], part);
                sum.part[part] = wide_multiply_add(value, value, sum.part[part]);
            }
        }
    }
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        squares->part[part] += sum.part[part];
}

/* [RHW86] eq. 6 for the weights of `rows` rows and `vectors` vectors of units, both constants. A derivative
 * is the sum of products of the row's own value, one of `row_values`, and of a vector of values. */
BPI_INLINE gradient_tile gradient_of_tile(const few_cases *cases, size_t rows, size_t vectors,
                                          const bp_real *row_values, const bp_real *values)
{
    gradient_tile sum = {{{{0}}}};
    for (size_t c = 0; c < cases->count; c++, row_values += cases->stride, values += cases->stride) {
        vec value[SMALL_VECTORS];
        BPI_UNROLL
        for (size_t n = 0; n < vectors; n++)
            value[n] = load(values + n * BPI_LANES);
        BPI_UNROLL
        for (size_t r = 0; r < rows; r++) {
            const vec row_value = splat(row_values[r]);
            BPI_UNROLL
            for (size_t n = 0; n < vectors; n++)
                sum.of[n][r] = multiply_add(value[n], row_value, sum.of[n][r]);
        }
    }
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        BPI_UNROLL
        for (size_t r = 0; r < rows; r++)
            sum.of[n][r] *= cases->factor;
    }
    return sum;
}

/* Eq. 9 for these weights. */
BPI_INLINE void update_tile(const online_rule *rule, const few_cases *cases, weight_values *w, size_t step,
                            size_t rows, size_t vectors, const bp_real *row_values, const bp_real *values)
{
    const gradient_tile gradient = gradient_of_tile(cases, rows, vectors, row_values, values);
    const online_rule here = *rule; /* a copy, so that no store can alias it */
    if (cases->squares != NULL)
        add_gradient_squares(&gradient, rows, vectors, cases->squares);
    BPI_UNROLL
    for (size_t n = 0; n < vectors; n++) {
        BPI_UNROLL
        for (size_t r = 0; r < rows; r++)
            update_vector(&here, w + n * step + r, gradient.of[n][r]);
    }
}

/* The same for any number of rows. */
#define BPI_UPDATE_ROWS(name, vectors)                                                                       \
    BPI_NOINLINE void name(const online_rule *rule, const few_cases *cases, weight_values *w, size_t step,   \
                           size_t rows, const bp_real *row_values, const bp_real *values)                    \
    {                                                                                                        \
        enum { MOST = 2 * SMALL_TOGETHER / (vectors) };                                                      \
        size_t r = 0;                                                                                        \
        for (; r + MOST <= rows; r += MOST)                                                                  \
            update_tile(rule, cases, w + r, step, MOST, vectors, row_values + r, values);                    \
        for (; r + 2 <= rows; r += 2)                                                                        \
            update_tile(rule, cases, w + r, step, 2, vectors, row_values + r, values);                       \
        if (r < rows)                                                                                        \
            update_tile(rule, cases, w + r, step, 1, vectors, row_values + r, values);                       \
    }
BPI_UPDATE_ROWS(update_rows_of_one, 1)
BPI_UPDATE_ROWS(update_rows_of_two, SMALL_VECTORS)

/* The same for one vector or SMALL_VECTORS. */
static void update_rows(const online_rule *rule, const few_cases *cases, weight_values *w, size_t step,
                        size_t rows, size_t vectors, const bp_real *row_values, const bp_real *values)
{
    if (vectors == 1)
        update_rows_of_one(rule, cases, w, step, rows, row_values, values);
    else
        update_rows_of_two(rule, cases, w, step, rows, row_values, values);
}

/* All weights of some vectors of a layer's units, from v on; outgoing ones only by momentum. */
static void update_vectors(const online_state *s, const online_layer *l, size_t v, size_t vectors,
                           const few_cases *cases)
{
    const small_layer *layer = l->layer;
    const online_rule *rule = &s->rule;
    online_rule bias_rule = *rule;
    const bp_real *y = few_y(s, 0), *delta = few_delta(s, 0);
    const size_t at = layer->first_slot + v * BPI_LANES, sources = layer->source_count;
    few_cases second = *cases; /* for the second copy of weights */
    second.squares = NULL;
    bias_rule.decay_factor = rule->bias_decay_factor;
    weight_values *w = l->incoming + v * sources;
    if (layer->has_bias)
        update_rows(&bias_rule, cases, w++, sources, 1, vectors, y + s->run->net->one_slot, delta + at);
    for (size_t i = 0; i < layer->incoming_count; w += layer->incoming[i].units, i++)
        update_rows(rule, cases, w, sources, layer->incoming[i].units, vectors,
                    y + layer->incoming[i].first_slot, delta + at);
    if (s->state[0] != NULL)
        return;
    w = l->outgoing + v * l->receivers;
    for (size_t i = 0; i < layer->outgoing_count; w += layer->outgoing[i].units, i++)
        update_rows(rule, &second, w, l->receivers, layer->outgoing[i].units, vectors,
                    delta + layer->outgoing[i].first_slot, y + at);
}

static void update_layer(const online_state *s, const online_layer *l, const few_cases *cases)
{
    size_t v = 0;
    for (; v + SMALL_VECTORS <= l->vectors; v += SMALL_VECTORS)
        update_vectors(s, l, v, SMALL_VECTORS, cases);
    for (; v < l->vectors; v++)
        update_vectors(s, l, v, 1, cases);
}

/* -------------------------------------------------------------------------- a batch */

/* The deltas of an output layer in all cases of the batch, the first of which is case `number` of the call;
 * returns their E. */
static double few_deltas_of_layer(const online_state *s, const online_layer *l, size_t number, size_t cases,
                                  vec *max_abs_error)
{
    const size_t slot = l->layer->first_slot, stride = 2 * s->run->net->slots;
    double error = 0;
    if (is_faster_by_lanes(l, cases))
        for (size_t c = 0; c < cases; c += BPI_LANES)
            error += find_lane_deltas(s, l, number + c, few_delta(s, c) + slot, stride,
                                      cases - c < BPI_LANES ? cases - c : BPI_LANES, max_abs_error);
    else if (l->keeps_x && l->layer->activation == KERNEL_SOFTMAX)
        error = find_softmax_deltas(s, l, number, few_delta(s, 0) + slot, few_y(s, 0) + slot, stride, cases,
                                    max_abs_error);
    else
        for (size_t c = 0; c < cases; c++)
            error += find_deltas_of_layer(s, l, number + c, few_x(s, c), few_y(s, c), few_delta(s, c),
                                          max_abs_error);
    return error;
}

/* E of the batch; deltas of its outputs. */
static double few_output_deltas(const online_state *s, size_t number, size_t cases, vec *max_abs_error)
{
    double error = 0;
    for (size_t i = 0; i < s->layers; i++)
        if (s->layer[i].layer->is_output)
            error += few_deltas_of_layer(s, &s->layer[i], number, cases, max_abs_error);
    return error;
}

/* False, without an update, if E is not finite. */
static bool train_batch(online_state *s, size_t number, size_t cases)
{
    wide_sum squares = {{{0}}};
    const few_cases all = {.count = cases,
                           .stride = 2 * s->run->net->slots,
                           .factor = s->run->takes_mean ? 1 / (bp_real)cases : 1,
                           .squares = s->run->wants_squared_norm ? &squares : NULL};
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
    if (s->state[0] != NULL)
        update_all_by_rule(s);
    if (s->run->wants_squared_norm)
        update_max_squared_norm(s->run, sum_of_wide(&squares));
    return true;
}

/* As train_layers, by batches. */
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
