/* Activations and their slopes, of a vector; softmax of a row, whose partial vector at the end gets the same
 * arithmetic in its first lanes. */
#ifndef BPI_KERNEL_ACTIVATION_TEMPLATE_H
#define BPI_KERNEL_ACTIVATION_TEMPLATE_H

#include "kernel/math_template.h"

/* [RHW86] eq. 5: dE/dx = dE/dy f'(x), with f' as a function of y. */
BPI_INLINE vec logistic_delta(vec delta, vec y)
{
    return delta * (y * (1 - y));
}

BPI_INLINE vec tanh_delta(vec delta, vec y)
{
    return delta * negated_multiply_add(y, y, splat(1));
}

BPI_INLINE vec relu_delta(vec delta, vec y)
{
    return (vec)((mask_vec)delta & (mask_vec)(y > 0));
}

/* f(x) of a vector, eq. 2; and dE/dx = delta f'(x), with delta = dE/dy, eq. 5. */
BPI_INLINE vec activation_of(int32_t activation, vec x)
{
#define BPI_ACTIVATION(name, function, value)                                                                \
    if (activation == KERNEL_##name)                                                                         \
        return function##_of(x);
    KERNEL_ACTIVATION_LIST(BPI_ACTIVATION)
#undef BPI_ACTIVATION
    return x;
}

BPI_INLINE vec delta_of(int32_t activation, vec delta, vec y)
{
#define BPI_DELTA(name, function, value)                                                                     \
    if (activation == KERNEL_##name)                                                                         \
        return function##_delta(delta, y);
    KERNEL_ACTIVATION_LIST(BPI_DELTA)
#undef BPI_DELTA
    return delta;
}

static bp_real max_of(const bp_real *x, size_t count)
{
    vec max = splat(x[0]);
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES) {
        vec value = load(x + i);
        max = choose(value > max, value, max);
    }
    if (i < count) {
        vec value = choose(first_lanes(count - i), load_first(x + i, count - i), max);
        max = choose(value > max, value, max);
    }
    return max_lane(max);
}

/* Fewer units than a vector has lanes: all in registers. */
static void softmax_of_few(const bp_real *x, bp_real *y, size_t count)
{
    const mask_vec inside = first_lanes(count);
    vec value = choose(inside, load_first(x, count), splat(x[0]));
    vec e = exp_of_difference(value, splat(max_lane(value)));
    bp_real sum = sum_of_lanes(masked(inside, e));
    store_first(y, e / sum, count);
}

/* Up to two vectors likewise. */
static void softmax_of_two(const bp_real *x, bp_real *y, size_t count)
{
    const size_t left = count - BPI_LANES;
    const mask_vec inside = first_lanes(left);
    const vec first = load(x), second = choose(inside, load_first(x + BPI_LANES, left), first);
    const vec max = splat(max_lane(choose(second > first, second, first)));
    const vec e = exp_of_difference(first, max), last = exp_of_difference(second, max);
    const bp_real sum = sum_of_lanes(e + masked(inside, last));
    store(y, e / sum);
    store_first(y + BPI_LANES, last / sum, left);
}

static void softmax(const bp_real *x, bp_real *y, size_t count)
{
    if (count < BPI_LANES) {
        softmax_of_few(x, y, count);
        return;
    }
    if (count > BPI_LANES && count <= 2 * BPI_LANES) {
        softmax_of_two(x, y, count);
        return;
    }
    bp_real max = max_of(x, count);
    vec sum = {0};
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES) {
        vec e = exp_of_difference(load(x + i), splat(max));
        store(y + i, e);
        sum += e;
    }
    if (i < count) {
        const mask_vec inside = first_lanes(count - i);
        vec value = choose(inside, load_first(x + i, count - i), splat(max));
        vec e = exp_of_difference(value, splat(max));
        store_first(y + i, e, count - i);
        sum += masked(inside, e);
    }
    bp_real divisor = sum_of_lanes(sum);
    for (i = 0; i + BPI_LANES <= count; i += BPI_LANES)
        store(y + i, load(y + i) / divisor);
    if (i < count)
        store_first(y + i, load_first(y + i, count - i) / divisor, count - i);
}

#endif
