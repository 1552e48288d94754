/*
 * The losses of kernel.h for a vector of cases, a case in each lane: a maximum or a sum over the units of a
 * case needs no reduction over lanes, and logarithms and divisions that a case needs once are done for all
 * cases at once.
 */
#ifndef BPI_KERNEL_LANE_LOSS_TEMPLATE_H
#define BPI_KERNEL_LANE_LOSS_TEMPLATE_H

#include "kernel/activation_template.h"
#include "kernel/logistic_terms_template.h"

/* Some units of a layer, from unit `first` on, with a vector of cases every `stride` values. */
typedef struct lane_loss {
    const bp_real *x, *y, *target; /* x: not for squared error */
    bp_real *derivative;           /* or NULL; may be x or y */
    size_t stride, first, units;
    bp_real tolerance, smoothing, share;
    vec max_abs_error;
} lane_loss;

/* The lanes in which a unit is in error; distance is |y - d|. Not written as ~(distance <= tolerance), which
 * GCC 12 fails to compile here for vectors of two doubles. */
BPI_INLINE mask_vec lanes_in_error(bp_real tolerance, vec distance)
{
    return (mask_vec)(distance > tolerance) | (mask_vec)(distance != distance);
}

/* The targets as label smoothing has them; the same bits without it. */
BPI_INLINE vec smoothed(const lane_loss *l, vec target)
{
    return multiply_add(splat(l->smoothing), splat(l->share) - target, target);
}

/* Adds the terms of a vector of units to E. */
BPI_INLINE void add_squares(mask_vec in_error, vec y, vec target, wide_sum *error)
{
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide difference = widen(masked(in_error, y), part) - widen(masked(in_error, target), part);
        error->part[part] = wide_multiply_add(0.5 * difference, difference, error->part[part]);
    }
}

/* Those of all units: of the squared error or of the cross-entropy of logistic units. */
BPI_INLINE void add_terms(lane_loss *l, bool squared, wide_sum *error)
{
    for (size_t j = 0; j < l->units * l->stride; j += l->stride) {
        const vec y = load(l->y + j), given = load(l->target + j), distance = absolute(y - given);
        const vec target = squared ? given : smoothed(l, given), x = squared ? y : load(l->x + j);
        const mask_vec in_error = lanes_in_error(l->tolerance, distance);
        l->max_abs_error = larger(distance, l->max_abs_error);
        if (l->derivative != NULL)
            store(l->derivative + j, masked(in_error, y - target));
        if (squared)
            add_squares(in_error, y, target, error);
        else
            add_logistic_terms(in_error, x, target, error);
    }
}

BPI_NOINLINE void add_squared_error(lane_loss *l, wide_sum *error)
{
    add_terms(l, true, error);
}

BPI_NOINLINE void add_logistic_loss(lane_loss *l, wide_sum *error)
{
    add_terms(l, false, error);
}

/* ----------------------------------------------------------------- softmax layers */

/* What E of a case with softmax needs of all units. First the unit with the largest x (the first, if there
 * are several); then sums, with d = 0 for units that are not in error. */
typedef struct softmax_case {
    vec max_x, max_y;
    mask_vec max_unit;
    wide_sum other_y, half_gaps, targets; /* of y, without that unit's; of d (max_x - x) / 2; of d */
    vec target;                           /* of d, in bp_real, for the derivatives */
} softmax_case;

static void begin_softmax(const lane_loss *l, softmax_case *c)
{
    memset(c, 0, sizeof *c);
    c->max_x = load(l->x);
    c->max_y = load(l->y);
}

static void find_max(const lane_loss *l, softmax_case *c)
{
    for (size_t j = 0; j < l->units; j++) {
        const vec x = load(l->x + j * l->stride);
        const mask_vec is_greater = x > c->max_x;
        c->max_x = choose(is_greater, x, c->max_x);
        c->max_y = choose(is_greater, load(l->y + j * l->stride), c->max_y);
        c->max_unit = (c->max_unit & ~is_greater) | (is_greater & (lane_mask)(l->first + j));
    }
}

static void sum_softmax(lane_loss *l, softmax_case *c)
{
    for (size_t j = 0; j < l->units; j++) {
        const size_t at = j * l->stride;
        const vec y = load(l->y + at), x = load(l->x + at), given = load(l->target + at);
        const vec distance = absolute(y - given);
        const vec target = masked(lanes_in_error(l->tolerance, distance), smoothed(l, given));
        const vec other = masked(~(mask_vec)(c->max_unit == (lane_mask)(l->first + j)), y);
        l->max_abs_error = larger(distance, l->max_abs_error);
        c->target += target;
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            c->other_y.part[part] += widen(other, part);
            c->targets.part[part] += widen(target, part);
            c->half_gaps.part[part] =
                wide_multiply_add(widen(target, part), 0.5 * widen(c->max_x, part) - 0.5 * widen(x, part),
                                  c->half_gaps.part[part]);
        }
    }
}

static void end_softmax(const softmax_case *c, wide_sum *error)
{
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        error->part[part] = wide_multiply_add(c->targets.part[part],
                                              wide_log1p(c->other_y.part[part] / widen(c->max_y, part)),
                                              2 * c->half_gaps.part[part]);
}

static void find_softmax_derivatives(const lane_loss *l, vec target_sum)
{
    for (size_t j = 0; j < l->units * l->stride; j += l->stride) {
        const vec y = load(l->y + j), target = load(l->target + j);
        const mask_vec in_error = lanes_in_error(l->tolerance, absolute(y - target));
        store(l->derivative + j, multiply_add(y, target_sum, -masked(in_error, smoothed(l, target))));
    }
}

static void add_softmax_loss(lane_loss *l, wide_sum *error)
{
    softmax_case c;
    begin_softmax(l, &c);
    find_max(l, &c);
    sum_softmax(l, &c);
    end_softmax(&c, error);
    if (l->derivative != NULL)
        find_softmax_derivatives(l, c.target);
}

/* ------------------------------------------------------------------- whole layers */

/* E of a layer whose units are all there, and the derivatives. */
static void add_lane_loss(int32_t kind, lane_loss *l, wide_sum *error)
{
    switch (kind) {
    case KERNEL_SQUARED_ERROR:
        add_squared_error(l, error);
        break;
    case KERNEL_LOGISTIC_CROSS_ENTROPY:
        add_logistic_loss(l, error);
        break;
    default:
        add_softmax_loss(l, error);
    }
}

#endif
