/*
 * Output layers of a block of cases: softmax, and the losses of kernel.h. A row is gone through a vector at a
 * time; what is summed over its units stays in the lanes of a vector of doubles until as many rows as it has
 * lanes are there. Then those lanes are added up, and all that is done once per case is done for these rows
 * side by side, a case in each lane.
 */
#ifndef BPI_KERNEL_LOSS_TEMPLATE_H
#define BPI_KERNEL_LOSS_TEMPLATE_H

#include "kernel/activation_template.h"
#include "kernel/wide.h"

static void softmax_of_rows(const bp_real *x, bp_real *y, size_t rows, size_t count)
{
    for (size_t row = 0; row < rows; row++)
        softmax(x + row * count, y + row * count, count);
}

/* What is summed over the units of a softmax case, see kernel.h. */
enum { SUM_OTHERS, SUM_TOP, SUM_TOPS, SUM_WANTED, SUM_BELOW, LOSS_SUMS };

/* Up to WIDE_LANES rows from `row` on. */
typedef struct loss_rows {
    const output_loss *loss;
    size_t row, rows;
    vec deviation;
    wide sum[LOSS_SUMS][WIDE_LANES];
} loss_rows;

/* Some lanes of a row, zero behind its end. */
typedef struct loss_lanes {
    vec y, target;
    mask_vec errs;
} loss_lanes;

BPI_INLINE loss_lanes load_loss(const output_loss *loss, size_t row, size_t j, size_t lanes)
{
    loss_lanes l;
    l.y = load_last(loss->y + row * loss->units + j, lanes);
    l.target = load_last(loss->targets + row * loss->target_stride + j, lanes);
    /* !(distance <= tolerance), in a form over which GCC 12 does not stumble for pairs of doubles */
    const vec distance = absolute(l.y - l.target);
    l.errs = (mask_vec)(distance > loss->tolerance) | (mask_vec)(distance != distance);
    return l;
}

BPI_INLINE vec load_total(const output_loss *loss, size_t row, size_t j, size_t lanes)
{
    return load_last(loss->x + row * loss->units + j, lanes);
}

/* Rows are stored in order, so what falls behind the end of one is overwritten by the next. */
BPI_INLINE void store_derivative(const output_loss *loss, size_t row, size_t j, size_t lanes, vec value)
{
    bp_real *to = loss->derivative + row * loss->units + j;
    store_last(to, value, row * loss->units + j + BPI_LANES <= loss->rows * loss->units ? BPI_LANES : lanes);
}

BPI_INLINE void raise_deviation(loss_rows *r, const loss_lanes *l)
{
    vec distance = absolute(l->y - l->target);
    r->deviation = choose(distance > r->deviation, distance, r->deviation);
}

BPI_INLINE size_t lanes_left(size_t j, size_t units)
{
    return units - j < BPI_LANES ? units - j : BPI_LANES;
}

/* The value where the mask is set, else 0. */
BPI_INLINE vec where(mask_vec mask, vec value)
{
    return (vec)(mask & (mask_vec)value);
}

/* ------------------------------------------------------- a sum of terms, one per unit */

BPI_INLINE wide squared_terms(vec y, vec target)
{
    wide sum = {0};
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        wide difference = widen(y, part) - widen(target, part);
        sum += difference * difference;
    }
    return sum;
}

BPI_INLINE wide logistic_terms(vec x, vec target, vec e)
{
    const vec positive = relu_of(x);
    wide sum = {0};
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        sum += (widen(positive, part) - widen(target, part) * widen(x, part)) + wide_log1p(widen(e, part));
    return sum;
}

/* Squared error, or else cross-entropy of logistic units; the derivatives are those of eq. 4 in both. */
BPI_INLINE wide sum_terms(loss_rows *r, bool squared, size_t row)
{
    const output_loss *loss = r->loss;
    wide sum = {0};
    for (size_t j = 0; j < loss->units; j += BPI_LANES) {
        const size_t lanes = lanes_left(j, loss->units);
        const loss_lanes l = load_loss(loss, row, j, lanes);
        raise_deviation(r, &l);
        if (squared) {
            sum += squared_terms(where(l.errs, l.y), where(l.errs, l.target));
        } else {
            const vec x = load_total(loss, row, j, lanes);
            bp_real e[BPI_LANES]; /* behind the end of the row, e^-0 gives way to 0 */
            store(e, exp_of_negative(-absolute(x)));
            sum +=
                logistic_terms(where(l.errs, x), where(l.errs, l.target), where(l.errs, load_last(e, lanes)));
        }
        if (loss->derivative != NULL)
            store_derivative(loss, row, j, lanes, where(l.errs, l.y - l.target));
    }
    return sum;
}

BPI_APART wide squared_error_of_rows(loss_rows *r)
{
    for (size_t i = 0; i < r->rows; i++)
        r->sum[0][i] = sum_terms(r, true, r->row + i);
    return 0.5 * sums_of_wide_lanes(r->sum[0]);
}

BPI_APART wide loss_of_logistic(loss_rows *r)
{
    for (size_t i = 0; i < r->rows; i++)
        r->sum[0][i] = sum_terms(r, false, r->row + i);
    return sums_of_wide_lanes(r->sum[0]);
}

/* ------------------------------------------------------------------- softmax */

/* The units with the greatest x are told from the others, and counted: all have the same y. */
BPI_INLINE void sum_softmax_row(loss_rows *r, size_t i)
{
    const output_loss *loss = r->loss;
    const size_t row = r->row + i;
    const bp_real greatest = greatest_value(loss->x + row * loss->units, loss->units);
    wide others = {0}, top = {0}, tops = {0}, wanted = {0}, below = {0};
    for (size_t j = 0; j < loss->units; j += BPI_LANES) {
        const size_t lanes = lanes_left(j, loss->units);
        const loss_lanes l = load_loss(loss, row, j, lanes);
        const vec x = load_total(loss, row, j, lanes), target = where(l.errs, l.target);
        const mask_vec is_top = (mask_vec)(x == greatest) & first_lanes(lanes);
        raise_deviation(r, &l);
        others += sum_of_parts(where(~is_top, l.y));
        top += sum_of_parts(where(is_top, l.y));
        tops += sum_of_parts(where(is_top, splat(1)));
        wanted += sum_of_parts(target);
        BPI_UNROLL
        for (size_t part = 0; part < WIDE_PARTS; part++)
            below += widen(target, part) * (0.5 * (double)greatest - 0.5 * widen(x, part));
    }
    r->sum[SUM_OTHERS][i] = others;
    r->sum[SUM_TOP][i] = top;
    r->sum[SUM_TOPS][i] = tops;
    r->sum[SUM_WANTED][i] = wanted;
    r->sum[SUM_BELOW][i] = below;
}

BPI_INLINE void store_softmax_row(const output_loss *loss, size_t row, bp_real wanted)
{
    for (size_t j = 0; j < loss->units; j += BPI_LANES) {
        const size_t lanes = lanes_left(j, loss->units);
        const loss_lanes l = load_loss(loss, row, j, lanes);
        store_derivative(loss, row, j, lanes, l.y * wanted - where(l.errs, l.target));
    }
}

/* E of a vector of cases from their sums. One of the units with the greatest x is not among the others. */
BPI_INLINE wide softmax_error(wide others, wide top, wide tops, wide wanted, wide below)
{
    const wide y = top / tops;
    return wanted * wide_log1p((others + y * (tops - 1)) / y) + 2 * below;
}

BPI_APART wide loss_of_softmax(loss_rows *r)
{
    for (size_t i = 0; i < r->rows; i++)
        sum_softmax_row(r, i);
    const wide wanted = sums_of_wide_lanes(r->sum[SUM_WANTED]);
    for (size_t i = 0; r->loss->derivative != NULL && i < r->rows; i++)
        store_softmax_row(r->loss, r->row + i, (bp_real)wanted[i]);
    return softmax_error(sums_of_wide_lanes(r->sum[SUM_OTHERS]), sums_of_wide_lanes(r->sum[SUM_TOP]),
                         sums_of_wide_lanes(r->sum[SUM_TOPS]), wanted, sums_of_wide_lanes(r->sum[SUM_BELOW]));
}

static double find_loss(const output_loss *loss, double *errors)
{
    loss_rows r;
    r.loss = loss;
    r.deviation = (vec){0};
    memset(r.sum, 0, sizeof r.sum);
    for (r.row = 0; r.row < loss->rows; r.row += WIDE_LANES) {
        r.rows = loss->rows - r.row < WIDE_LANES ? loss->rows - r.row : WIDE_LANES;
        const wide error = loss->kind == KERNEL_SQUARED_ERROR           ? squared_error_of_rows(&r)
                           : loss->kind == KERNEL_SOFTMAX_CROSS_ENTROPY ? loss_of_softmax(&r)
                                                                        : loss_of_logistic(&r);
        memcpy(errors + r.row, &error, r.rows * sizeof *errors);
    }
    return (double)greatest_lane(r.deviation);
}

#endif
