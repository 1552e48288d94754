/*
 * E and the deltas of outputs with cross-entropy, for several cases (few_cases_template.h): with a case in
 * each lane, where what a case needs once, logarithms and sums over its units, is done for all at the same
 * time; or, of softmax outputs of few cases, with units side by side and two cases at a time.
 */
#ifndef BPI_SMALL_FEW_LOSSES_TEMPLATE_H
#define BPI_SMALL_FEW_LOSSES_TEMPLATE_H

#include "kernel/lane_loss_template.h"
#include "kernel/softmax_template.h"
#include "small/online_template.h"

enum { SMALL_LANE_UNITS = 32 };

/* Values of up to SMALL_LANE_UNITS units of the cases of a vector, unit by unit; and the cases' weights. */
typedef struct case_lanes {
    bp_real x[SMALL_LANE_UNITS * BPI_LANES], y[SMALL_LANE_UNITS * BPI_LANES],
        target[SMALL_LANE_UNITS * BPI_LANES], weight[BPI_LANES];
} case_lanes;

/* Do so many cases take less time side by side than one after another, with units side by side? That takes
 * about two vectors of exponentials for each unit and two more, against one for each vector of units of a
 * case and two more. A case alone is never faster so: it has the same bits in all kernels. */
BPI_INLINE bool is_faster_by_lanes(const online_layer *l, size_t cases)
{
    const size_t units = l->layer->units;
    return l->keeps_x && units <= SMALL_LANE_UNITS && 2 * units + 2 < cases * (l->vectors + 2);
}

/* The outputs of cases `number`, number + 1, ... of the call, whose total inputs begin at x and are `stride`
 * apart. The lanes beyond `count` are 0. */
static void load_lane_cases(const online_state *s, const online_layer *l, size_t number, const bp_real *x,
                            size_t stride, size_t count, case_lanes *to)
{
    const size_t units = l->layer->units;
    for (size_t j = 0; count < BPI_LANES && j < units; j++) {
        store(to->x + j * BPI_LANES, (vec){0});
        store(to->target + j * BPI_LANES, (vec){0});
    }
    store(to->weight, (vec){0});
    for (size_t lane = 0; lane < count; lane++, x += stride) {
        const online_case c = find_case(s->run, number + lane);
        const bp_real *targets = c.targets + l->layer->output_column;
        to->weight[lane] = c.weight;
        for (size_t j = 0; j < units; j++) {
            to->x[j * BPI_LANES + lane] = x[j];
            to->target[j * BPI_LANES + lane] = targets[j];
        }
    }
}

/* y of all units. */
static void activate_lanes(const online_layer *l, case_lanes *values)
{
    const bool is_softmax = l->layer->activation == KERNEL_SOFTMAX;
    for (size_t at = 0; at < l->layer->units * BPI_LANES; at += BPI_LANES) {
        const vec x = load(values->x + at);
        store(values->y + at, is_softmax ? x : activation_of(l->layer->activation, x));
    }
    if (is_softmax)
        softmax_per_lane(values->y, BPI_LANES, l->layer->units);
}

/* E of the cases; their derivatives in place of y. */
static wide_sum lane_errors(const online_layer *l, case_lanes *values, size_t count, vec *max_abs_error)
{
    const output_loss *terms = &l->loss->terms;
    lane_loss lanes = {.x = values->x,
                       .y = values->y,
                       .target = values->target,
                       .derivative = values->y,
                       .stride = BPI_LANES,
                       .units = l->layer->units,
                       .tolerance = terms->tolerance,
                       .smoothing = terms->smoothing,
                       .share = terms->share};
    wide_sum error = {{{0}}};
    add_lane_loss(terms->kind, &lanes, &error);
    *max_abs_error = larger(masked(first_lanes(count), lanes.max_abs_error), *max_abs_error);
    return error;
}

/* The deltas of a layer in place of its total inputs, which begin at x_then_delta, for up to a vector of
 * cases, as load_lane_cases; returns their E. */
BPI_NOINLINE double find_lane_deltas(const online_state *s, const online_layer *l, size_t number,
                                     bp_real *x_then_delta, size_t stride, size_t count, vec *max_abs_error)
{
    const size_t units = l->layer->units;
    case_lanes values;
    load_lane_cases(s, l, number, x_then_delta, stride, count, &values);
    activate_lanes(l, &values);
    const wide_sum errors = lane_errors(l, &values, count, max_abs_error);
    const vec weight = load(values.weight) * (bp_real)l->loss->weight;
    for (size_t at = 0; at < units * BPI_LANES; at += BPI_LANES)
        store(values.y + at, load(values.y + at) * weight);
    double error[BPI_LANES], sum = 0;
    memcpy(error, &errors, sizeof error);
    for (size_t lane = 0; lane < count; lane++, x_then_delta += stride) {
        sum += error[lane] * ((double)values.weight[lane] * l->loss->weight);
        for (size_t j = 0; j < units; j++)
            x_then_delta[j] = values.y[j * BPI_LANES + lane];
    }
    return sum;
}

/* E of some cases with softmax; their logarithms are found together. */
BPI_NOINLINE double sum_of_softmax(const online_target at[], const softmax_error error[], size_t count)
{
    double sum = 0;
    for (size_t left = count; left > 0;) {
        const size_t lanes = left < WIDE_LANES ? left : WIDE_LANES;
        wide others = {0};
        for (size_t lane = 0; lane < lanes; lane++)
            others[lane] = error[lane].others;
        const wide logarithms = wide_log1p(others);
        for (size_t lane = 0; lane < lanes; lane++, at++, error++)
            sum += (error->target_sum * logarithms[lane] + 2 * error->half_gaps) * at->error_weight;
        left -= lanes;
    }
    return sum;
}

/* The deltas of softmax outputs, whose first slots are given, as find_lane_deltas but case by case, or two at
 * a time; also y. */
BPI_NOINLINE double find_softmax_deltas(const online_state *s, const online_layer *l, size_t number,
                                        bp_real *x_then_delta, bp_real *y, size_t stride, size_t count,
                                        vec *max_abs_error)
{
    online_target at[SMALL_MAX_BATCH];
    softmax_error error[SMALL_MAX_BATCH];
    vec max = *max_abs_error;
    for (size_t c = 0, together; c < count;
         c += together, x_then_delta += together * stride, y += together * stride) {
        together = l->vectors == 1 && count - c >= SOFTMAX_TOGETHER ? SOFTMAX_TOGETHER : 1;
        for (size_t i = c; i < c + together; i++) {
            const online_case from = find_case(s->run, number + i);
            at[i] = target_of(l, &from);
        }
        if (together == 1)
            softmax_of_one_case(at + c, x_then_delta, y, &max, error + c);
        else
            softmax_outputs(at + c, x_then_delta, y, SOFTMAX_TOGETHER, stride, &max, error + c);
    }
    *max_abs_error = max;
    return sum_of_softmax(at, error, count);
}

#endif
