/* What a finished gradient does to a vector of weights. */
#ifndef BPI_KERNEL_CHANGE_TEMPLATE_H
#define BPI_KERNEL_CHANGE_TEMPLATE_H

#include "kernel/vector.h"

/*
 * In a * b - c * d either product can be fused with the difference, or none; GCC chooses for each loop anew,
 * so that a weight's bits would depend on its place. After this a product in v is rounded, and what is made
 * of v and other is made here.
 */
BPI_INLINE void settle(vec *v, vec *other)
{
#if defined(__aarch64__)
    __asm__("" : "+w"(*v), "+w"(*other));
#elif defined(__x86_64__)
    __asm__("" : "+v"(*v), "+v"(*other));
#else
    (void)v;
    (void)other;
#endif
}

/*
 * [RHW86] eq. 9, with a decay after each change:
 * dw(t) = -rate dE/dw + momentum dw(t-1); w = (w + dw) keep.
 * The gradient's product is fused with the difference: its factor comes last.
 */
BPI_INLINE vec momentum_change(vec gradient, vec change, bp_real rate, bp_real momentum)
{
    vec kept = momentum * change;
    settle(&kept, &gradient);
    return kept - rate * gradient;
}

/*
 * For the weights and changes at `offset`, some lanes of a vector; gives the changed weights. Weights are
 * read before changes are written: where both vectors begin at the same place of a page, as large ones do, a
 * processor that compares the low bits of addresses only would let the reading wait for the writing.
 */
BPI_INLINE vec change_lanes(const weight_change *rule, size_t offset, vec gradient, size_t lanes)
{
    bp_real *weights = rule->weights + offset, *change = rule->change + offset;
    vec weight = load_lanes(weights, lanes);
    vec next = momentum_change(gradient, load_lanes(change, lanes), rule->rate, rule->momentum);
    store_lanes(change, next, lanes);
    weight = (weight + next) * rule->keep;
    store_lanes(weights, weight, lanes);
    return weight;
}

#endif
