/* Activations and their slopes, of a vector. */
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

/* The largest of some values. */
BPI_INLINE bp_real max_of(const bp_real *x, size_t count)
{
    vec max = splat(x[0]);
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES)
        max = larger(load(x + i), max);
    if (i < count)
        max = larger(choose(first_lanes(count - i), load_first(x + i, count - i), max), max);
    return max_lane(max);
}

#endif
