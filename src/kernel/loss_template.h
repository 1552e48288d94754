/*
 * Output layers of a block of cases: softmax, and the losses of kernel.h. A vector's lanes of cases are
 * worked on side by side, a case in each lane:
 *
 *     rows in memory   case 0   [ unit 0 1 2 ... ]        turned   unit 0   [ case 0 ... case 15 ]
 *                      case 1   [ unit 0 1 2 ... ]                 unit 1   [ case 0 ... case 15 ]
 *
 * so that what goes over the units of a case, its greatest value and its sums, never goes over lanes, and
 * what is done once per case is done for all of them at once. Up to LOSS_UNITS units are turned at a time.
 * Where there are fewer cases than lanes, the last stands in the lanes that are left. The squared error, of
 * which little is done once per case, is found along the rows where they are long.
 */
#ifndef BPI_KERNEL_LOSS_TEMPLATE_H
#define BPI_KERNEL_LOSS_TEMPLATE_H

#include "kernel/activation_template.h"
#include "kernel/pack_template.h"
#include "kernel/softmax_template.h"
#include "kernel/wide_log.h"

enum {
    LOSS_UNITS = 128,    /* a multiple of the lanes */
    LONG_ROW = BPI_LANES /* so many units: a squared error is found along the row instead */
};

/* turned[unit][case] = from[case][unit] */
static void turn(const bp_real *from, size_t stride, size_t cases, size_t units, bp_real *turned)
{
    if (cases > 1)
        transpose(from, stride, cases, units, turned, BPI_LANES);
    else
        for (size_t j = 0; j < units; j++)
            store(turned + j * BPI_LANES, splat(from[j]));
}

/* The other way round. Whole vectors are faster to store; what they write behind the end of a row is
 * overwritten by the rows that follow. */
static void turn_back(const bp_real *turned, size_t cases, size_t units, bp_real *to, size_t stride)
{
    bp_real row[BPI_LANES * LOSS_UNITS];
    if (cases == 1) {
        for (size_t j = 0; j < units; j++)
            to[j] = turned[j * BPI_LANES];
        return;
    }
    transpose(turned, BPI_LANES, units, BPI_LANES, row, LOSS_UNITS);
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
    bp_real turned[LOSS_UNITS * BPI_LANES];
    for (size_t row = 0; row < rows; row += BPI_LANES) {
        const size_t cases = rows - row < BPI_LANES ? rows - row : BPI_LANES;
        turn(x + row * units, units, cases, units, turned);
        softmax_down(turned, BPI_LANES, units);
        turn_back(turned, cases, units, y + row * units, units);
    }
}

/* ------------------------------------------------------------------------ losses */

/* Up to a vector's lanes of cases from `row` on; and of some of their units, from `first` on, what is turned.
 * The derivative takes the place of y. */
typedef struct loss_group {
    const output_loss *loss;
    size_t row, cases, first, units;
    bp_real x[LOSS_UNITS * BPI_LANES], y[LOSS_UNITS * BPI_LANES], target[LOSS_UNITS * BPI_LANES];
    vec deviation;
} loss_group;

static void load_units(loss_group *g, size_t first, bool with_x)
{
    const output_loss *loss = g->loss;
    const size_t start = g->row * loss->units + first;
    g->first = first;
    g->units = loss->units - first < LOSS_UNITS ? loss->units - first : LOSS_UNITS;
    turn(loss->y + start, loss->units, g->cases, g->units, g->y);
    turn(loss->targets + g->row * loss->target_stride + first, loss->target_stride, g->cases, g->units,
         g->target);
    if (with_x)
        turn(loss->x + start, loss->units, g->cases, g->units, g->x);
}

static void store_derivatives(const loss_group *g)
{
    const output_loss *loss = g->loss;
    if (loss->derivative != NULL)
        turn_back(g->y, g->cases, g->units, loss->derivative + g->row * loss->units + g->first, loss->units);
}

/* Which cases err in a unit; distance is |y - d|. Not by ~(distance <= tolerance), which GCC 12 cannot
 * compile here for pairs of doubles. */
BPI_INLINE mask_vec erring(const loss_group *g, vec distance)
{
    return (mask_vec)(distance > g->loss->tolerance) | (mask_vec)(distance != distance);
}

BPI_INLINE void raise_deviation(loss_group *g, vec distance)
{
    g->deviation = choose(distance > g->deviation, distance, g->deviation);
}

/* Squared error, or else cross-entropy of logistic units: a term for each unit. */
BPI_INLINE void add_terms(loss_group *g, bool squared, wide_sum *error)
{
    for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES) {
        const vec y = load(g->y + j), target = load(g->target + j), distance = absolute(y - target);
        const mask_vec errs = erring(g, distance);
        raise_deviation(g, distance);
        store(g->y + j, where(errs, y - target));
        const vec x = squared ? y : load(g->x + j), positive = relu_of(x);
        const vec e = squared ? y : exp_of_minus(x);
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            const wide difference = widen(where(errs, y), part) - widen(where(errs, target), part);
            if (squared)
                error->part[part] = wide_multiply_add(0.5 * difference, difference, error->part[part]);
            else
                error->part[part] +=
                    wide_negated_multiply_add(widen(where(errs, target), part), widen(where(errs, x), part),
                                              widen(where(errs, positive), part)) +
                    wide_log1p(widen(where(errs, e), part));
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

/* The greatest x of each case, and its unit: the first, if there are several. */
typedef struct softmax_top {
    vec x, y;
    mask_vec unit;
} softmax_top;

static void find_top(const loss_group *g, softmax_top *top)
{
    for (size_t j = 0; j < g->units; j++) {
        const vec x = load(g->x + j * BPI_LANES);
        const mask_vec is_greater = x > top->x;
        top->x = choose(is_greater, x, top->x);
        top->y = choose(is_greater, load(g->y + j * BPI_LANES), top->y);
        top->unit = (top->unit & ~is_greater) | (is_greater & (lane_mask)(g->first + j));
    }
}

typedef struct softmax_sums {
    wide_sum others, below, wanted; /* of y, but for the top; of d (x_g - x) / 2; of d */
    vec target;                     /* of d, for the derivatives */
} softmax_sums;

static void sum_softmax(loss_group *g, const softmax_top *top, softmax_sums *sums)
{
    for (size_t j = 0; j < g->units; j++) {
        const size_t at = j * BPI_LANES;
        const vec y = load(g->y + at), distance = absolute(y - load(g->target + at));
        const vec target = where(erring(g, distance), load(g->target + at)), x = load(g->x + at);
        const vec other = where(~(mask_vec)(top->unit == (lane_mask)(g->first + j)), y);
        raise_deviation(g, distance);
        store(g->target + at, target);
        sums->target += target;
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            sums->others.part[part] += widen(other, part);
            sums->wanted.part[part] += widen(target, part);
            sums->below.part[part] =
                wide_multiply_add(widen(target, part), 0.5 * widen(top->x, part) - 0.5 * widen(x, part),
                                  sums->below.part[part]);
        }
    }
}

static void find_softmax_derivatives(loss_group *g, vec wanted)
{
    for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES)
        store(g->y + j, multiply_add(load(g->y + j), wanted, -load(g->target + j)));
    store_derivatives(g);
}

/* Three passes over the units, of which one chunk need not be turned again. */
static void softmax_loss(loss_group *g, wide_sum *error)
{
    const size_t units = g->loss->units;
    softmax_top top = {{0}, {0}, {0}};
    softmax_sums sums;
    memset(&sums, 0, sizeof sums);
    for (size_t first = 0; first < units; first += LOSS_UNITS) {
        load_units(g, first, true);
        if (first == 0)
            top = (softmax_top){load(g->x), load(g->y), {0}};
        find_top(g, &top);
    }
    for (size_t first = 0; first < units; first += LOSS_UNITS) {
        if (units > LOSS_UNITS)
            load_units(g, first, true);
        sum_softmax(g, &top, &sums);
    }
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        error->part[part] =
            wide_multiply_add(sums.wanted.part[part], wide_log1p(sums.others.part[part] / widen(top.y, part)),
                              2 * sums.below.part[part]);
    for (size_t first = 0; first < units && g->loss->derivative != NULL; first += LOSS_UNITS) {
        if (units > LOSS_UNITS) {
            load_units(g, first, false);
            for (size_t j = 0; j < g->units * BPI_LANES; j += BPI_LANES) {
                const vec target = load(g->target + j), distance = absolute(load(g->y + j) - target);
                store(g->target + j, where(erring(g, distance), target));
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

/* Squared error of a row that is long enough for vectors of its own. */
BPI_INLINE void squared_error_of_units(loss_group *g, size_t first, size_t lanes, wide_sum *error)
{
    const output_loss *loss = g->loss;
    const size_t at = g->row * loss->units + first;
    const vec y = load_last(loss->y + at, lanes);
    const vec target = load_last(loss->targets + g->row * loss->target_stride + first, lanes);
    const vec difference = y - target, distance = absolute(difference);
    const mask_vec errs = erring(g, distance);
    raise_deviation(g, distance);
    if (loss->derivative != NULL)
        store_last(loss->derivative + at, where(errs, difference), lanes);
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide exact = widen(where(errs, y), part) - widen(where(errs, target), part);
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
    g.deviation = (vec){0};
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
    return (double)greatest_lane(g.deviation);
}

#endif
