/* The update of weights by their gradient, vector by vector. */
#ifndef BPI_KERNEL_UPDATE_TEMPLATE_H
#define BPI_KERNEL_UPDATE_TEMPLATE_H

#include "kernel/vector.h"

/*
 * [RHW86] eq. 9, with weight decay after each update:
 *     dw(t) = -rate dE/dw + momentum dw(t-1)      w = (w + dw) decay_factor
 * The product with the gradient is the one in the fused multiply-add, since the gradient is known last.
 */
BPI_INLINE vec next_update(vec gradient, vec last_update, bp_real rate, bp_real momentum)
{
    return negated_multiply_add(splat(rate), gradient, multiply_normal(last_update, momentum));
}

/* A vector of weights and their last updates. */
typedef struct weight_values {
    vec weight, last_update;
} weight_values;

BPI_INLINE weight_values load_values(const weight_update *rule, size_t offset, size_t lanes)
{
    return (weight_values){load_lanes(rule->weights + offset, lanes),
                           load_lanes(rule->last_update + offset, lanes)};
}

BPI_INLINE weight_values next_values(const weight_update *rule, weight_values now, vec gradient)
{
    vec update = next_update(gradient, now.last_update, rule->rate, rule->momentum);
    return (weight_values){(now.weight + update) * rule->decay_factor, update};
}

/*
 * Updates the weights at `offset`, up to a vector of them, and returns them. The weights are loaded before
 * the last updates are stored: large arrays begin at the same offset in a page, and a processor that compares
 * only the low bits of addresses (4K aliasing) would delay the load until the store has finished.
 */
BPI_INLINE vec update_lanes(const weight_update *rule, size_t offset, vec gradient, size_t lanes)
{
    weight_values next = next_values(rule, load_values(rule, offset, lanes), gradient);
    store_lanes(rule->last_update + offset, next.last_update, lanes);
    store_lanes(rule->weights + offset, next.weight, lanes);
    return next.weight;
}

/*
 * A row that is longer than a vector, but not a whole number of them, ends with a vector that overlaps the
 * one before. The overlapping lanes are computed twice, both times from their values before the update, which
 * are loaded when the row begins; so they get the same result twice. A masked store takes several times as
 * long.
 */
BPI_INLINE weight_values load_last_vector(const weight_update *rule, size_t offset, size_t count)
{
    const weight_values none = {{0}, {0}};
    return count % BPI_LANES == 0 ? none : load_values(rule, offset + count - BPI_LANES, BPI_LANES);
}

BPI_INLINE void update_last_vector(const weight_update *rule, size_t offset, vec gradient,
                                   weight_values before)
{
    weight_values next = next_values(rule, before, gradient);
    store(rule->last_update + offset, next.last_update);
    store(rule->weights + offset, next.weight);
}

#endif
