/* What a finished gradient does to a vector of weights. */
#ifndef BPI_KERNEL_UPDATE_TEMPLATE_H
#define BPI_KERNEL_UPDATE_TEMPLATE_H

#include "kernel/vector.h"

/*
 * [RHW86] eq. 9, with a decay after each change:
 * dw(t) = -rate dE/dw + momentum dw(t-1); w = (w + dw) keep.
 * Of the two products the gradient's is fused with the difference, since the gradient is known last.
 */
BPI_INLINE vec next_update(vec gradient, vec change, bp_real rate, bp_real momentum)
{
    return negated_multiply_add(splat(rate), gradient, momentum * change);
}

/* Some weights and their last changes, before the next. */
typedef struct weight_values {
    vec weight, last_update;
} weight_values;

BPI_INLINE weight_values load_values(const sgd_update *rule, size_t offset, size_t lanes)
{
    return (weight_values){load_lanes(rule->weights + offset, lanes),
                           load_lanes(rule->last_update + offset, lanes)};
}

BPI_INLINE weight_values next_values(const sgd_update *rule, weight_values now, vec gradient)
{
    vec change = next_update(gradient, now.last_update, rule->rate, rule->momentum);
    return (weight_values){(now.weight + change) * rule->decay_factor, change};
}

/*
 * For the weights and changes at `offset`, some lanes of a vector; gives the changed weights. Weights are
 * read before changes are written: where both vectors begin at the same place of a page, as large ones do, a
 * processor that compares the low bits of addresses only would let the reading wait for the writing.
 */
BPI_INLINE vec update_lanes(const sgd_update *rule, size_t offset, vec gradient, size_t lanes)
{
    weight_values next = next_values(rule, load_values(rule, offset, lanes), gradient);
    store_lanes(rule->last_update + offset, next.last_update, lanes);
    store_lanes(rule->weights + offset, next.weight, lanes);
    return next.weight;
}

/*
 * A row of at least a vector, but of no whole number of them, ends with its last vector, some lanes of which
 * were changed with the one before. They come to the same from what they were `before`, which is loaded when
 * the row begins. To store some lanes by a mask takes several times as long.
 */
BPI_INLINE weight_values load_last_vector(const sgd_update *rule, size_t offset, size_t count)
{
    const weight_values none = {{0}, {0}};
    return count % BPI_LANES == 0 ? none : load_values(rule, offset + count - BPI_LANES, BPI_LANES);
}

BPI_INLINE void update_last_vector(const sgd_update *rule, size_t offset, vec gradient, weight_values before)
{
    weight_values next = next_values(rule, before, gradient);
    store(rule->last_update + offset, next.last_update);
    store(rule->weights + offset, next.weight);
}

#endif
