/*
 * Output layers of a block of cases: softmax, and the losses of kernel.h. BPI_LANES cases are computed at
 * once, a case in each lane:
 *
 *     rows in memory   case 0   [ unit 0 1 2 ... ]    transposed   unit 0   [ case 0 ... case 15 ]
 *                      case 1   [ unit 0 1 2 ... ]                 unit 1   [ case 0 ... case 15 ]
 *
 * for lane_loss_template.h. Up to LOSS_UNITS units are transposed at a time. With fewer cases than lanes, the
 * last case is repeated in the other lanes. The squared error, which needs little per case, is computed along
 * the rows if they are long, and so are softmax of a few cases, and its cross-entropy where more units than
 * LOSS_UNITS would have to be transposed part by part.
 */
#ifndef BPI_KERNEL_LOSS_TEMPLATE_H
#define BPI_KERNEL_LOSS_TEMPLATE_H

#include "kernel/case_softmax_template.h"
#include "kernel/lane_loss_template.h"
#include "kernel/pack_template.h"
#include "kernel/softmax_template.h"

enum {
    LOSS_UNITS = 128,    /* a multiple of the lanes; PANELS_MAX_SOFTMAX of engine/plan.c */
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

/* Softmax of the units of a case, one after another in memory, with the bits of softmax_per_lane: the sum is
 * made in the same order. */
static void softmax_in_order(const bp_real *x, bp_real *y, size_t units)
{
    const vec max = splat(max_of(x, units));
    bp_real sum = 0;
    for (size_t j = 0; j < units; j += BPI_LANES) {
        const size_t lanes = units - j < BPI_LANES ? units - j : BPI_LANES;
        const vec inside = choose(first_lanes(lanes), load_lanes(x + j, lanes), max);
        store_lanes(y + j, exp_of_difference(inside, max), lanes);
    }
    for (size_t j = 0; j < units; j++)
        sum += y[j];
    for (size_t j = 0; j < units; j += BPI_LANES) {
        const size_t lanes = units - j < BPI_LANES ? units - j : BPI_LANES;
        store_lanes(y + j, load_lanes(y + j, lanes) / sum, lanes);
    }
}

/* The same for a number of cases, a constant, of up to a vector of units. Their chains of operations do not
 * depend on each other. The scalars are read from a vector that was stored as a whole: to read what a masked
 * store wrote takes long. */
BPI_INLINE void softmax_of_short_rows(const bp_real *x, bp_real *y, size_t cases, size_t units)
{
    const mask_vec inside = first_lanes(units);
    bp_real lanes[2][BPI_LANES], sum[2];
    vec e[2];
    BPI_UNROLL
    for (size_t i = 0; i < cases; i++) {
        const vec value = choose(inside, load_lanes(x + i * units, units), splat(x[i * units]));
        e[i] = exp_of_difference(value, splat(max_lane(value)));
        store(lanes[i], e[i]);
        sum[i] = 0;
    }
    for (size_t j = 0; j < units; j++) {
        BPI_UNROLL
        for (size_t i = 0; i < cases; i++)
            sum[i] += lanes[i][j];
    }
    BPI_UNROLL
    for (size_t i = 0; i < cases; i++)
        store_lanes(y + i * units, e[i] / sum[i], units);
}

static void softmax_by_case(const bp_real *x, bp_real *y, size_t cases, size_t units)
{
    size_t i = 0;
    if (units > BPI_LANES)
        for (; i < cases; i++)
            softmax_in_order(x + i * units, y + i * units, units);
    for (; i + 2 <= cases; i += 2)
        softmax_of_short_rows(x + i * units, y + i * units, 2, units);
    if (i < cases)
        softmax_of_short_rows(x + i * units, y + i * units, 1, units);
}

/* Does softmax of so many cases take less time case by case, with units side by side? About a vector of
 * exponentials for each vector of units of a case and two more, against one for each unit and four more; as
 * measured for short rows. */
static bool is_faster_by_case(size_t cases, size_t units)
{
    if (units <= BPI_LANES)
        return 12 * cases <= 5 * units + 48;
    const size_t vectors = (units + BPI_LANES - 1) / BPI_LANES;
    return cases * (vectors + 2) <= units + 4;
}

static void softmax_of_rows(const bp_real *x, bp_real *y, size_t rows, size_t units)
{
    bp_real transposed[LOSS_UNITS * BPI_LANES];
    if (rows == 1 || units > LOSS_UNITS) {
        for (size_t row = 0; row < rows; row++)
            softmax(x + row * units, y + row * units, units);
        return;
    }
    for (size_t row = 0, cases; row < rows; row += cases, x += cases * units, y += cases * units) {
        cases = rows - row < BPI_LANES ? rows - row : BPI_LANES;
        if (is_faster_by_case(cases, units)) {
            softmax_by_case(x, y, cases, units);
            continue;
        }
        transpose_cases(x, units, cases, units, transposed);
        softmax_per_lane(transposed, BPI_LANES, units);
        transpose_back(transposed, cases, units, y, units);
    }
}

/* ------------------------------------------------------------------------ losses */

/* Up to BPI_LANES cases from `row` on, and the transposed values of some of their units. The derivative
 * overwrites y. */
typedef struct loss_group {
    const output_loss *loss;
    size_t row, cases;
    lane_loss lanes;
    bp_real x[LOSS_UNITS * BPI_LANES], y[LOSS_UNITS * BPI_LANES], target[LOSS_UNITS * BPI_LANES];
} loss_group;

static void begin_group(const output_loss *loss, loss_group *g)
{
    g->loss = loss;
    g->lanes = (lane_loss){.x = g->x,
                           .y = g->y,
                           .target = g->target,
                           .derivative = loss->derivative == NULL ? NULL : g->y,
                           .stride = BPI_LANES,
                           .tolerance = loss->tolerance,
                           .smoothing = loss->smoothing,
                           .share = loss->share};
}

/* The group becomes the units of its cases from `first` on. */
static void load_units(loss_group *g, size_t first, bool with_x)
{
    const output_loss *loss = g->loss;
    const size_t start = g->row * loss->units + first;
    const size_t units = loss->units - first < LOSS_UNITS ? loss->units - first : LOSS_UNITS;
    g->lanes.first = first;
    g->lanes.units = units;
    transpose_cases(loss->y + start, loss->units, g->cases, units, g->y);
    transpose_cases(loss->targets + g->row * loss->target_stride + first, loss->target_stride, g->cases,
                    units, g->target);
    if (with_x)
        transpose_cases(loss->x + start, loss->units, g->cases, units, g->x);
}

static void store_derivatives(const loss_group *g)
{
    const output_loss *loss = g->loss;
    if (loss->derivative != NULL)
        transpose_back(g->y, g->cases, g->lanes.units,
                       loss->derivative + g->row * loss->units + g->lanes.first, loss->units);
}

/* Cross-entropy of softmax with cases in the lanes. */
static void softmax_loss(loss_group *g, wide_sum *error)
{
    softmax_case c;
    load_units(g, 0, true);
    begin_softmax(&g->lanes, &c);
    find_max(&g->lanes, &c);
    sum_softmax(&g->lanes, &c);
    end_softmax(&c, error);
    if (g->loss->derivative == NULL)
        return;
    find_softmax_derivatives(&g->lanes, c.target);
    store_derivatives(g);
}

static void loss_of_units(loss_group *g, wide_sum *error)
{
    const bool squared = g->loss->kind == KERNEL_SQUARED_ERROR;
    for (size_t first = 0; first < g->loss->units; first += LOSS_UNITS) {
        load_units(g, first, !squared);
        if (squared)
            add_squared_error(&g->lanes, error);
        else
            add_logistic_loss(&g->lanes, error);
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
    const mask_vec in_error = lanes_in_error(loss->tolerance, distance);
    g->lanes.max_abs_error = larger(distance, g->lanes.max_abs_error);
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

/* What E of the cross-entropy of softmax needs of each case of a group; as softmax_case. */
typedef struct softmax_rows {
    double others[BPI_LANES]; /* the sum of y, without that of a unit with the largest x, divided by that y */
    double half_gaps[BPI_LANES], targets[BPI_LANES];
} softmax_rows;

/* Up to a vector of units of a case; lanes behind the last unit have target 0, y 0 and the largest x. */
typedef struct softmax_units {
    vec x, y, target; /* target: 0 for a unit that is not in error */
    vec distance;     /* |y - d| */
    mask_vec inside;
} softmax_units;

BPI_INLINE softmax_units load_softmax_units(const loss_group *g, size_t row, size_t first, bp_real max)
{
    const output_loss *loss = g->loss;
    const size_t left = loss->units - first, lanes = left < BPI_LANES ? left : BPI_LANES;
    softmax_units u = {.inside = first_lanes(lanes)};
    u.x = choose(u.inside, load_last(loss->x + row * loss->units + first, lanes), splat(max));
    u.y = load_last(loss->y + row * loss->units + first, lanes);
    const vec given = load_last(loss->targets + row * loss->target_stride + first, lanes);
    u.distance = absolute(u.y - given);
    u.target = masked(u.inside & lanes_in_error(loss->tolerance, u.distance), smoothed(&g->lanes, given));
    return u;
}

/* The sums over the units of the group's case number i. */
static void sum_softmax_of_row(loss_group *g, size_t i, softmax_rows *rows)
{
    const size_t row = g->row + i, units = g->loss->units;
    const bp_real max = max_of(g->loss->x + row * units, units);
    wide_sum largest = {{{0}}}, others = {{{0}}}, half_gaps = {{{0}}}, targets = {{{0}}};
    vec largest_units = {0};
    for (size_t j = 0; j < units; j += BPI_LANES) {
        const softmax_units u = load_softmax_units(g, row, j, max);
        const mask_vec is_largest = u.inside & (mask_vec)(u.x == max);
        g->lanes.max_abs_error = larger(u.distance, g->lanes.max_abs_error);
        largest_units += masked(is_largest, splat(1));
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++) {
            const wide target = widen(u.target, part);
            largest.part[part] += widen(masked(is_largest, u.y), part);
            others.part[part] += widen(masked(~is_largest, u.y), part);
            targets.part[part] += target;
            half_gaps.part[part] =
                wide_multiply_add(target, 0.5 * (double)max - 0.5 * widen(u.x, part), half_gaps.part[part]);
        }
    }
    const double count = (double)sum_of_lanes(largest_units), y = sum_of_wide(&largest) / count;
    rows->others[i] = sum_of_wide(&others) / y + (count - 1);
    rows->half_gaps[i] = sum_of_wide(&half_gaps);
    rows->targets[i] = sum_of_wide(&targets);
}

static void softmax_derivatives_of_row(const loss_group *g, size_t i, bp_real target_sum)
{
    const size_t row = g->row + i, units = g->loss->units;
    for (size_t j = 0; j < units; j += BPI_LANES) {
        const softmax_units u = load_softmax_units(g, row, j, 0);
        store_last(g->loss->derivative + row * units + j, multiply_add(u.y, splat(target_sum), -u.target),
                   units - j < BPI_LANES ? units - j : BPI_LANES);
    }
}

/* The same as softmax_loss, along the rows. */
static void softmax_loss_by_rows(loss_group *g, wide_sum *error)
{
    softmax_rows rows = {{0}, {0}, {0}};
    for (size_t i = 0; i < g->cases; i++) {
        sum_softmax_of_row(g, i, &rows);
        if (g->loss->derivative != NULL)
            softmax_derivatives_of_row(g, i, (bp_real)rows.targets[i]);
    }
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        wide others, half_gaps, targets;
        memcpy(&others, rows.others + part * WIDE_LANES, sizeof others);
        memcpy(&half_gaps, rows.half_gaps + part * WIDE_LANES, sizeof half_gaps);
        memcpy(&targets, rows.targets + part * WIDE_LANES, sizeof targets);
        error->part[part] = wide_multiply_add(targets, wide_log1p(others), 2 * half_gaps);
    }
}

static double find_loss(const output_loss *loss, double *errors)
{
    const bool by_rows = loss->kind == KERNEL_SQUARED_ERROR && loss->units >= LONG_ROW;
    loss_group g;
    begin_group(loss, &g);
    for (g.row = 0; by_rows && g.row < loss->rows; g.row++)
        errors[g.row] = squared_error_of_row(&g);
    for (; g.row < loss->rows; g.row += g.cases) {
        wide_sum error;
        memset(&error, 0, sizeof error);
        g.cases = loss->rows - g.row < BPI_LANES ? loss->rows - g.row : BPI_LANES;
        if (loss->kind == KERNEL_SOFTMAX_CROSS_ENTROPY && loss->units > LOSS_UNITS)
            softmax_loss_by_rows(&g, &error);
        else if (loss->kind == KERNEL_SOFTMAX_CROSS_ENTROPY)
            softmax_loss(&g, &error);
        else
            loss_of_units(&g, &error);
        memcpy(errors + g.row, &error, g.cases * sizeof *errors);
    }
    return (double)max_lane(g.lanes.max_abs_error);
}

static double find_loss_by_unit(const output_loss *loss, double *errors)
{
    lane_loss l = {.x = loss->x,
                   .y = loss->y,
                   .target = loss->targets,
                   .derivative = loss->derivative,
                   .stride = loss->rows,
                   .units = loss->units,
                   .tolerance = loss->tolerance,
                   .smoothing = loss->smoothing,
                   .share = loss->share};
    for (size_t row = 0; row < loss->rows; row += BPI_LANES) {
        wide_sum error;
        memset(&error, 0, sizeof error);
        add_lane_loss(loss->kind, &l, &error);
        memcpy(errors + row, &error, sizeof error);
        l.x += BPI_LANES;
        l.y += BPI_LANES;
        l.target += BPI_LANES;
        l.derivative += l.derivative == NULL ? 0 : BPI_LANES;
    }
    return (double)max_lane(l.max_abs_error);
}

#endif
