/*
 * E and the derivatives of the outputs in online training (online_template.h, which includes this): squared
 * error, the cross-entropy of logistic or softmax outputs, and losses that the engine hands down as functions
 * (small_loss). E, which is not needed for the update, is summed in double beside the chain from one case to
 * the next.
 */
#ifndef BPI_SMALL_ONLINE_LOSS_TEMPLATE_H
#define BPI_SMALL_ONLINE_LOSS_TEMPLATE_H

#include <math.h>

#include "kernel/activation_template.h"
#include "kernel/logistic_terms_template.h"
#include "small/small.h"

/* What the outputs of a layer are compared with in a case: its targets, and how. Derivatives are multiplied
 * by `weight`, E by error_weight. */
typedef struct online_target {
    const bp_real *target;
    size_t units;
    double error_weight;
    bp_real weight, tolerance;
    const small_loss *loss;
} online_target;

/* The sum of the lanes of `units` units, added one by one, since there are usually few. */
BPI_INLINE double sum_of_units(const wide_sum *terms, size_t units)
{
    double lanes[BPI_LANES], sum;
    memcpy(lanes, terms, sizeof lanes);
    sum = lanes[0];
    for (size_t lane = 1; lane < units && lane < BPI_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* [RHW86] eq. 4 and 5 for the first `lanes` outputs of a vector, in a case with that weight; adds their
 * squares for eq. 3 in double. Outputs within the tolerance are not in error. The maximum is taken without a
 * branch, which would be mispredicted often. */
BPI_INLINE vec output_delta(int32_t activation, vec y, const bp_real *target, size_t lanes, bp_real weight,
                            bp_real tolerance, vec *max_abs_error, wide_sum *squares)
{
    vec output = (vec)((mask_vec)y & first_lanes(lanes)), target_value = load_last(target, lanes);
    vec difference = output - target_value, distance = absolute(difference);
    *max_abs_error = larger(distance, *max_abs_error);
    if (tolerance >= 0) {
        const mask_vec in_error = ~(mask_vec)(distance <= tolerance);
        output = (vec)((mask_vec)output & in_error);
        target_value = (vec)((mask_vec)target_value & in_error);
        difference = (vec)((mask_vec)difference & in_error);
    }
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide exact = widen(output, part) - widen(target_value, part);
        squares->part[part] = wide_multiply_add(exact, exact, squares->part[part]);
    }
    if (weight != 1)
        difference *= weight;
    return delta_of(activation, difference, y);
}

/* ------------------------------------------------------------------ other losses */

/* A loss that the kernels do not know: dE/dx of the outputs or, where the activation needs x, dE/dy; returns
 * E. */
BPI_NOINLINE double other_outputs(int32_t activation, const online_target *at, const bp_real *y,
                                  bp_real *delta, vec *max_abs_error)
{
    output_loss terms = at->loss->terms;
    double error;
    terms.rows = 1;
    terms.units = at->units;
    terms.y = y;
    terms.targets = at->target;
    terms.derivative = delta;
    store(delta + (at->units - 1) / BPI_LANES * BPI_LANES, (vec){0}); /* the lanes beyond the last unit */
    const vec max = splat((bp_real)at->loss->find(at->loss->loss, &terms, &error));
    *max_abs_error = larger(max, *max_abs_error);
    for (size_t unit = 0; unit < at->units; unit += BPI_LANES)
        store(delta + unit, delta_of(activation, load(delta + unit) * at->weight, load(y + unit)));
    return error * at->error_weight;
}

/* ---------------------------------------------------------------- cross-entropy */

/* The lanes of a vector of units from `unit` on whose outputs are in error. */
BPI_INLINE mask_vec units_in_error(const online_target *at, size_t unit, vec y, vec *target,
                                   vec *max_abs_error)
{
    const size_t left = at->units - unit, lanes = left < BPI_LANES ? left : BPI_LANES;
    *target = load_last(at->target + unit, lanes);
    const vec distance = masked(first_lanes(lanes), absolute(y - *target));
    *max_abs_error = larger(distance, *max_abs_error);
    return first_lanes(lanes) & ~(mask_vec)(distance <= at->tolerance);
}

/* The targets as label smoothing has them; the same bits without it. */
BPI_INLINE vec smoothed_target(const online_target *at, vec target)
{
    const output_loss *terms = &at->loss->terms;
    return multiply_add(splat(terms->smoothing), splat(terms->share) - target, target);
}

/* ln(1 + z) of a single number. */
static double log1p_of_one(double z)
{
    return wide_log1p(wide_splat(z))[0];
}

static double logistic_outputs(const online_target *at, bp_real *x_then_delta, const bp_real *y,
                               vec *max_abs_error)
{
    wide_sum error = {{{0}}};
    for (size_t unit = 0; unit < at->units; unit += BPI_LANES) {
        vec target;
        const vec x = load(x_then_delta + unit), output = load(y + unit);
        const mask_vec in_error = units_in_error(at, unit, output, &target, max_abs_error);
        target = smoothed_target(at, target);
        store(x_then_delta + unit, masked(in_error, at->weight * (output - target)));
        add_logistic_terms(in_error, x, target, &error);
    }
    return sum_of_units(&error, at->units) * at->error_weight;
}

/* What E of a case with softmax is found from: target_sum ln(1 + others) + 2 half_gaps. */
typedef struct softmax_error {
    double target_sum, others, half_gaps;
} softmax_error;

/* Cases of softmax at once, at most: each waits for its own chain of operations. Of more than one the units
 * fit into a vector. */
enum { SOFTMAX_TOGETHER = 2 };

/* Softmax: e^(x - max x) of the units of each case in place of y, and their sums. `others` is the sum without
 * a unit that has the largest x, whose own is 1. Values of a case are `stride` after those of the one before.
 */
BPI_INLINE void exponentials(const bp_real *x, bp_real *y, size_t units, size_t together, size_t stride,
                             const bp_real max[], bp_real sum[], softmax_error error[])
{
    vec sums[SOFTMAX_TOGETHER] = {{0}}, largest[SOFTMAX_TOGETHER] = {{0}};
    wide_sum rest[SOFTMAX_TOGETHER] = {{{{0}}}};
    for (size_t unit = 0; unit < (together > 1 ? 1 : units); unit += BPI_LANES) {
        const mask_vec inside = first_lanes(units - unit < BPI_LANES ? units - unit : BPI_LANES);
        BPI_UNROLL
        for (size_t c = 0; c < together; c++) {
            const size_t at = c * stride + unit;
            const vec value = choose(inside, load(x + at), splat(max[c]));
            const vec e = masked(inside, exp_of_difference(value, splat(max[c])));
            const mask_vec is_largest = inside & (mask_vec)(value == max[c]);
            store(y + at, e);
            sums[c] += e;
            largest[c] += masked(is_largest, e);
            BPI_UNROLL
            for (size_t part = 0; part < WIDE_PARTS; part++)
                rest[c].part[part] += widen(masked(~is_largest, e), part);
        }
    }
    BPI_UNROLL
    for (size_t c = 0; c < together; c++) {
        error[c].others = sum_of_wide(&rest[c]) + ((double)sum_of_lanes(largest[c]) - 1);
        sum[c] = sum_of_lanes(sums[c]);
    }
}

/* y of softmax outputs, and the targets of those that are in error in place of their total inputs. */
BPI_INLINE void compare_softmax(const online_target at[], bp_real *x_then_target, bp_real *y, size_t together,
                                size_t stride, const bp_real max[], const bp_real sum[], vec *max_abs_error,
                                softmax_error error[])
{
    wide_sum targets[SOFTMAX_TOGETHER] = {{{{0}}}};   /* of d */
    wide_sum half_gaps[SOFTMAX_TOGETHER] = {{{{0}}}}; /* of d (max x - x) / 2 */
    for (size_t unit = 0; unit < (together > 1 ? 1 : at[0].units); unit += BPI_LANES) {
        BPI_UNROLL
        for (size_t c = 0; c < together; c++) {
            const size_t slot = c * stride + unit;
            const vec x = load(x_then_target + slot), output = load(y + slot) / sum[c];
            vec target;
            const mask_vec in_error = units_in_error(&at[c], unit, output, &target, max_abs_error);
            target = masked(in_error, smoothed_target(&at[c], target));
            store(y + slot, output);
            store(x_then_target + slot, target);
            BPI_UNROLL
            for (size_t part = 0; part < WIDE_PARTS; part++) {
                const wide wanted = widen(target, part),
                           half_gap = 0.5 * (double)max[c] - 0.5 * widen(x, part);
                targets[c].part[part] += wanted;
                half_gaps[c].part[part] = wide_multiply_add(wanted, half_gap, half_gaps[c].part[part]);
            }
        }
    }
    BPI_UNROLL
    for (size_t c = 0; c < together; c++) {
        error[c].target_sum = sum_of_wide(&targets[c]);
        error[c].half_gaps = sum_of_wide(&half_gaps[c]);
    }
}

/* y of softmax outputs in `together` cases, a constant, and their deltas in place of their total inputs. An
 * output that is not in error counts as one whose target is 0 (kernel.h). */
BPI_INLINE void softmax_outputs(const online_target at[], bp_real *x_then_delta, bp_real *y, size_t together,
                                size_t stride, vec *max_abs_error, softmax_error error[])
{
    bp_real max[SOFTMAX_TOGETHER], sum[SOFTMAX_TOGETHER];
    BPI_UNROLL
    for (size_t c = 0; c < together; c++)
        max[c] = max_of(x_then_delta + c * stride, at[0].units);
    exponentials(x_then_delta, y, at[0].units, together, stride, max, sum, error);
    compare_softmax(at, x_then_delta, y, together, stride, max, sum, max_abs_error, error);
    for (size_t unit = 0; unit < (together > 1 ? 1 : at[0].units); unit += BPI_LANES) {
        BPI_UNROLL
        for (size_t c = 0; c < together; c++) {
            const size_t slot = c * stride + unit;
            const vec difference =
                multiply_add(load(y + slot), splat((bp_real)error[c].target_sum), -load(x_then_delta + slot));
            store(x_then_delta + slot, at[c].weight * difference);
        }
    }
}

/* The same for one case, once for all callers. */
BPI_NOINLINE void softmax_of_one_case(const online_target *at, bp_real *x_then_delta, bp_real *y,
                                      vec *max_abs_error, softmax_error *error)
{
    softmax_outputs(at, x_then_delta, y, 1, 0, max_abs_error, error);
}

/* The deltas of an output layer with cross-entropy in place of its total inputs; returns E. */
BPI_NOINLINE double cross_entropy_outputs(int32_t activation, const online_target *at, bp_real *x_then_delta,
                                          bp_real *y, vec *max_abs_error)
{
    if (activation == KERNEL_SOFTMAX) {
        softmax_error e;
        softmax_of_one_case(at, x_then_delta, y, max_abs_error, &e);
        return (e.target_sum * log1p_of_one(e.others) + 2 * e.half_gaps) * at->error_weight;
    }
    return logistic_outputs(at, x_then_delta, y, max_abs_error);
}

#endif
