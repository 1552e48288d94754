/* What a finished gradient does to a vector of weights. */
#ifndef BPI_KERNEL_UPDATE_TEMPLATE_H
#define BPI_KERNEL_UPDATE_TEMPLATE_H

#include "kernel/vector.h"

/*
 * [RHW86] eq. 9, with a decay after each change:
 * dw(t) = -rate dE/dw + momentum dw(t-1); w = (w + dw) keep.
 * Of the two products the gradient's is fused with the difference, since the gradient is known last.
 */
BPI_INLINE vec momentum_change(vec gradient, vec change, bp_real rate, bp_real momentum)
{
    return negated_multiply_add(splat(rate), gradient, momentum * change);
}

/* Some weights and their last changes, before the next. */
typedef struct change_values {
    vec weight, change;
} change_values;

BPI_INLINE change_values load_changing(const weight_change *rule, size_t offset, size_t lanes)
{
    return (change_values){load_lanes(rule->weights + offset, lanes),
                           load_lanes(rule->change + offset, lanes)};
}

BPI_INLINE change_values next_values(const weight_change *rule, change_values now, vec gradient)
{
    vec change = momentum_change(gradient, now.change, rule->rate, rule->momentum);
    return (change_values){(now.weight + change) * rule->keep, change};
}

/*
 * For the weights and changes at `offset`, some lanes of a vector; gives the changed weights. Weights are
 * read before changes are written: where both vectors begin at the same place of a page, as large ones do, a
 * processor that compares the low bits of addresses only would let the reading wait for the writing.
 */
BPI_INLINE vec change_lanes(const weight_change *rule, size_t offset, vec gradient, size_t lanes)
{
    change_values next = next_values(rule, load_changing(rule, offset, lanes), gradient);
    store_lanes(rule->change + offset, next.change, lanes);
    store_lanes(rule->weights + offset, next.weight, lanes);
    return next.weight;
}

/*
 * A row of at least a vector, but of no whole number of them, ends with its last vector, some lanes of which
 * were changed with the one before. They come to the same from what they were `before`, which is loaded when
 * the row begins. To store some lanes by a mask takes several times as long.
 */
BPI_INLINE change_values load_last_vector(const weight_change *rule, size_t offset, size_t count)
{
    const change_values none = {{0}, {0}};
    return count % BPI_LANES == 0 ? none : load_changing(rule, offset + count - BPI_LANES, BPI_LANES);
}

BPI_INLINE void change_last_vector(const weight_change *rule, size_t offset, vec gradient,
                                   change_values before)
{
    change_values next = next_values(rule, before, gradient);
    store(rule->change + offset, next.change);
    store(rule->weights + offset, next.weight);
}

#endif
