/*
 * Output layers of a block of cases: softmax, and the losses of kernel.h. BPI_LANES cases are computed at
 * once, a case in each lane:
 *
 *     rows in memory   case 0   [ unit 0 1 2 ... ]    transposed   unit 0   [ case 0 ... case 15 ]
 *                      case 1   [ unit 0 1 2 ... ]                 unit 1   [ case 0 ... case 15 ]
 *
 * so that a maximum or a sum over the units of a case needs no reduction over lanes, and logarithms and
 * divisions that a case needs once are done for all cases at once. Up to LOSS_UNITS units are transposed at a
 * time. With fewer cases than lanes, the last case is repeated in the other lanes. The squared error, which
 * needs little per case, is computed along the rows if they are long.
 */
#ifndef BPI_KERNEL_LOSS_TEMPLATE_H
#define BPI_KERNEL_LOSS_TEMPLATE_H

#include "kernel/activation_template.h"
#include "kernel/pack_template.h"
#include "kernel/softmax_template.h"
#include "kernel/wide_log.h"

enum {
    LOSS_UNITS = 128,    /* a multiple of the lanes */
    LONG_ROW = BPI_LANES /* from so many units on, the squared error is computed along the row */
};

/* transposed[unit][case] = from[case][unit] */
static void transpose_cases(const bp_real *from, size_t stride, size_t cases, size_t units,
                            bp_real *transposed)
{
    if (cases > 1)
        transpose(from, stride, cases, units, transposed, BPI_LANES);
    else
        for (size_t j = 0; j < units; j++)
            store(transposed + j * BPI_LANES, splat(from[j]));
}

/* The inverse: to[case][unit] = transposed[unit][case]. Whole vectors are stored masked possible, which is
 * faster; what they write beyond the end of a row is overwritten by the next rows. */
static void transpose_back(const bp_real *transposed, size_t cases, size_t units, bp_real *to, size_t stride)
{
    bp_real row[BPI_LANES * LOSS_UNITS];
    if (cases == 1) {
        for (size_t j = 0; j < units; j++)
            to[j] = transposed[j * BPI_LANES];
        return;
    }
    transpose(transposed, BPI_LANES, units, BPI_LANES, row, LOSS_UNITS);
    for (size_t i = 0; i < cases; i++, to += stride)
        for (size_t j = 0; j < units; j += BPI_LANES) {
            const size_t left = units - j < BPI_LANES ? units - j : BPI_LANES;
            const bool whole = stride == units && i * units + j + BPI_LANES <= cases * units;
            store_last(to + j, load(row + i * LOSS_UNITS + j), whole ? BPI_LANES : left);
        }
}

/* ----------------------------------------------------------------------- softmax */

static void softmax_of_rows(const bp_real *x, bp_real *y, size_t rows, size_t units)
{
    if (rows == 1 || units > LOSS_UNITS) {
        for (size_t row = 0; row < rows; row++)
            softmax(x + row * units, y + row * units, units);
        return;
    }
    bp_real transposed[LOSS_UNITS * BPI_LANES];
    for (size_t row = 0; row < rows; row += BPI_LANES) {
        const size_t cases = rows - row < BPI_LANES ? rows - row : BPI_LANES;
        transpose_cases(x + row * units, units, cases, units, transposed);
        softmax_per_lane(transposed, BPI_LANES, units);
        transpose_back(transposed, cases, units, y + row * units, units);
    }
}

/* ------------------------------------------------------------------------ losses */

/* Up to BPI_LANES cases from `row` on, and the transposed values of `units` of their units from `first` on.
 * The derivative overwrites y. */
typedef struct loss_group {
    const output_loss *loss;
    size_t row, cases, first, units;
    bp_real x[LOSS_UNITS * BPI_LANES], y[LOSS_UNITS * BPI_LANES], target[LOSS_UNITS * BPI_LANES];
    vec max_abs_error;
} loss_group;

static void load_units(loss_group *g, size_t first, bool with_x)
{
    const output_loss *loss = g->loss;
    const size_t start = g->row * loss->units + first;
    g->first = first;
    g->units = loss->units - first < LOSS_UNITS ? loss->units - first : LOSS_UNITS;
    transpose_cases(loss->y + start, loss->units, g->cases, g->units, g->y);
    transpose_cases(loss->targets + g->row * loss->target_stride + first, loss->target_stride, g->cases,
                    g->units, g->target);
    if (with_x)
        transpose_cases(loss->x + start, loss->units, g->cases, g->units, g->x);
}

static void store_derivatives(const loss_group *g)
{
    const output_loss *loss = g->loss;
    if (loss->derivative != NULL)
        transpose_back(g->y, g->cases, g->units, loss->derivative + g->row * loss->units + g->first,
                       loss->units);
}

/* The lanes in which a unit is in error; distance is |y - d|. Not written as ~(distance <= tolerance), which
 * GCC 12 fails to compile here for vectors of two doubles. */
BPI_INLINE mask_vec lanes_in_error(const loss_group *g, vec distance)
{
    return (mask_vec)(distance > g->loss->tolerance) | (mask_vec)(distance != distance);
}

BPI_INLINE void update_max_abs_error(loss_group *g, vec distance)
{
    g->max_abs_error = choose(distance > g->max_abs_error, distance, g->max_abs_error);
}

/* The targets as label smoothing has them; the same bits without it. */
BPI_INLINE vec smoothed(const loss_group *g, vec target)
{
    return multiply_add(splat(g->loss->smoothing), splat(g->loss->share) - target, target);
}

/* Adds the terms of all units to E: of the squared error or of the cross-entropy of logistic units. */
BPI_INLINE void add_terms(loss_group *g, bool squared, wide_sum *error)
{
    for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES) {
        const vec y = load(g->y + j), given = load(g->target + j), distance = absolute(y - given);
        const vec target = squared ? given : smoothed(g, given);
        const mask_vec in_error = lanes_in_error(g, distance);
        update_max_abs_error(g, distance);
        store(g->y + j, masked(in_error, y - target));
        const vec x = squared ? y : load(g->x + j), positive = relu_of(x);
        const vec e = squared ? y : exp_of_minus(x);
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            const wide difference = widen(masked(in_error, y), part) - widen(masked(in_error, target), part);
            if (squared)
                error->part[part] = wide_multiply_add(0.5 * difference, difference, error->part[part]);
            else
                error->part[part] += wide_negated_multiply_add(widen(masked(in_error, target), part),
                                                               widen(masked(in_error, x), part),
                                                               widen(masked(in_error, positive), part)) +
                                     wide_log1p(widen(masked(in_error, e), part));
        }
    }
}

BPI_NOINLINE void add_squared_error(loss_group *g, wide_sum *error)
{
    add_terms(g, true, error);
}

BPI_NOINLINE void add_logistic_loss(loss_group *g, wide_sum *error)
{
    add_terms(g, false, error);
}

/* The unit with the largest x of each case (the first, if there are several), and its x and y. */
typedef struct softmax_max {
    vec x, y;
    mask_vec unit;
} softmax_max;

static void find_max(const loss_group *g, softmax_max *max)
{
    for (size_t j = 0; j < g->units; j++) {
        const vec x = load(g->x + j * BPI_LANES);
        const mask_vec is_greater = x > max->x;
        max->x = choose(is_greater, x, max->x);
        max->y = choose(is_greater, load(g->y + j * BPI_LANES), max->y);
        max->unit = (max->unit & ~is_greater) | (is_greater & (lane_mask)(g->first + j));
    }
}

typedef struct softmax_sums {
    wide_sum other_y, half_gaps, targets; /* of y, without that of unit g; of d (x_g - x) / 2; of d */
    vec target;                           /* of d, in bp_real, for the derivatives */
} softmax_sums;

static void sum_softmax(loss_group *g, const softmax_max *max, softmax_sums *sums)
{
    for (size_t j = 0; j < g->units; j++) {
        const size_t at = j * BPI_LANES;
        const vec y = load(g->y + at), given = load(g->target + at), distance = absolute(y - given);
        const vec target = masked(lanes_in_error(g, distance), smoothed(g, given)), x = load(g->x + at);
        const vec other = masked(~(mask_vec)(max->unit == (lane_mask)(g->first + j)), y);
        update_max_abs_error(g, distance);
        store(g->target + at, target);
        sums->target += target;
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            sums->other_y.part[part] += widen(other, part);
            sums->targets.part[part] += widen(target, part);
            sums->half_gaps.part[part] =
                wide_multiply_add(widen(target, part), 0.5 * widen(max->x, part) - 0.5 * widen(x, part),
                                  sums->half_gaps.part[part]);
        }
    }
}

static void find_softmax_derivatives(loss_group *g, vec target_sum)
{
    for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES)
        store(g->y + j, multiply_add(load(g->y + j), target_sum, -load(g->target + j)));
    store_derivatives(g);
}

/* Three passes over the units. If all units are transposed at once, this is done in the first pass only. */
static void softmax_loss(loss_group *g, wide_sum *error)
{
    const size_t units = g->loss->units;
    softmax_max max = {{0}, {0}, {0}};
    softmax_sums sums;
    memset(&sums, 0, sizeof sums);
    for (size_t first = 0; first < units; first += LOSS_UNITS) {
        load_units(g, first, true);
        if (first == 0)
            max = (softmax_max){load(g->x), load(g->y), {0}};
        find_max(g, &max);
    }
    for (size_t first = 0; first < units; first += LOSS_UNITS) {
        if (units > LOSS_UNITS)
            load_units(g, first, true);
        sum_softmax(g, &max, &sums);
    }
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        error->part[part] = wide_multiply_add(sums.targets.part[part],
                                              wide_log1p(sums.other_y.part[part] / widen(max.y, part)),
                                              2 * sums.half_gaps.part[part]);
    for (size_t first = 0; first < units && g->loss->derivative != NULL; first += LOSS_UNITS) {
        if (units > LOSS_UNITS) {
            load_units(g, first, false);
            for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES) {
                const vec target = load(g->target + j), distance = absolute(load(g->y + j) - target);
                store(g->target + j, masked(lanes_in_error(g, distance), smoothed(g, target)));
            }
        }
        find_softmax_derivatives(g, sums.target);
    }
}

static void loss_of_units(loss_group *g, wide_sum *error)
{
    const bool squared = g->loss->kind == KERNEL_SQUARED_ERROR;
    for (size_t first = 0; first < g->loss->units; first += LOSS_UNITS) {
        load_units(g, first, !squared);
        if (squared)
            add_squared_error(g, error);
        else
            add_logistic_loss(g, error);
        store_derivatives(g);
    }
}

/* The squared error along a row, for up to a vector of units. */
BPI_INLINE void squared_error_of_units(loss_group *g, size_t first, size_t lanes, wide_sum *error)
{
    const output_loss *loss = g->loss;
    const size_t at = g->row * loss->units + first;
    const vec y = load_last(loss->y + at, lanes);
    const vec target = load_last(loss->targets + g->row * loss->target_stride + first, lanes);
    const vec difference = y - target, distance = absolute(difference);
    const mask_vec in_error = lanes_in_error(g, distance);
    update_max_abs_error(g, distance);
    if (loss->derivative != NULL)
        store_last(loss->derivative + at, masked(in_error, difference), lanes);
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide exact = widen(masked(in_error, y), part) - widen(masked(in_error, target), part);
        error->part[part] = wide_multiply_add(exact, exact, error->part[part]);
    }
}

static double squared_error_of_row(loss_group *g)
{
    const size_t units = g->loss->units;
    wide_sum error;
    double sum = 0;
    size_t first = 0;
    memset(&error, 0, sizeof error);
    for (; first + BPI_LANES <= units; first += BPI_LANES)
        squared_error_of_units(g, first, BPI_LANES, &error);
    if (first < units)
        squared_error_of_units(g, first, units - first, &error);
    for (size_t lane = 0; lane < WIDE_LANES; lane++)
        for (size_t part = 0; part < WIDE_PARTS; part++)
            sum += error.part[part][lane];
    return 0.5 * sum;
}

static double find_loss(const output_loss *loss, double *errors)
{
    const bool by_rows = loss->kind == KERNEL_SQUARED_ERROR && loss->units >= LONG_ROW;
    loss_group g;
    g.loss = loss;
    g.max_abs_error = (vec){0};
    for (g.row = 0; by_rows && g.row < loss->rows; g.row++)
        errors[g.row] = squared_error_of_row(&g);
    for (; g.row < loss->rows; g.row += g.cases) {
        wide_sum error;
        memset(&error, 0, sizeof error);
        g.cases = loss->rows - g.row < BPI_LANES ? loss->rows - g.row : BPI_LANES;
        if (loss->kind == KERNEL_SOFTMAX_CROSS_ENTROPY)
            softmax_loss(&g, &error);
        else
            loss_of_units(&g, &error);
        memcpy(errors + g.row, &error, g.cases * sizeof *errors);
    }
    return (double)max_lane(g.max_abs_error);
}

#endif
