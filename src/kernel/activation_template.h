/* Activations through vectors once, softmax, and what slopes make of derivatives. The last, partial vector of
 * an array gets the same arithmetic in its first lanes. */
#ifndef BPI_KERNEL_ACTIVATION_TEMPLATE_H
#define BPI_KERNEL_ACTIVATION_TEMPLATE_H

#include "kernel/math_template.h"

/* y[i] = f(x[i]), where f is a function of vectors, inlined; only once, as it is long. */
#define BPI_MAP(f)                                                                                           \
    for (size_t i = 0; i < count; i += BPI_LANES) {                                                          \
        const size_t lanes = count - i < BPI_LANES ? count - i : BPI_LANES;                                  \
        store_lanes(y + i, f(load_lanes(x + i, lanes)), lanes);                                              \
    }

static void activate(int32_t activation, const bp_real *x, bp_real *y, size_t count)
{
    if (activation == KERNEL_LOGISTIC) {
        BPI_MAP(logistic_of)
    } else if (activation == KERNEL_TANH) {
        BPI_MAP(tanh_of)
    } else if (activation == KERNEL_RELU) {
        BPI_MAP(relu_of)
    } else if (x != y)
        memcpy(y, x, count * sizeof *y);
}

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

static bp_real greatest_value(const bp_real *x, size_t count)
{
    vec greatest = splat(x[0]);
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES) {
        vec value = load(x + i);
        greatest = choose(value > greatest, value, greatest);
    }
    if (i < count) {
        vec value = choose(first_lanes(count - i), load_first(x + i, count - i), greatest);
        greatest = choose(value > greatest, value, greatest);
    }
    return greatest_lane(greatest);
}

/* What fits into one vector stays in a register. */
static void softmax_of_few(const bp_real *x, bp_real *y, size_t count)
{
    const mask_vec inside = first_lanes(count);
    vec value = choose(inside, load_first(x, count), splat(x[0]));
    vec e = exp_of_difference(value, splat(greatest_lane(value)));
    bp_real sum = sum_of_lanes((vec)((mask_vec)e & inside));
    store_first(y, e / sum, count);
}

static void softmax(const bp_real *x, bp_real *y, size_t count)
{
    if (count < BPI_LANES) {
        softmax_of_few(x, y, count);
        return;
    }
    bp_real greatest = greatest_value(x, count);
    vec sum = {0};
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES) {
        vec e = exp_of_difference(load(x + i), splat(greatest));
        store(y + i, e);
        sum += e;
    }
    if (i < count) {
        const mask_vec inside = first_lanes(count - i);
        vec value = choose(inside, load_first(x + i, count - i), splat(greatest));
        vec e = exp_of_difference(value, splat(greatest));
        store_first(y + i, e, count - i);
        sum += where(inside, e);
    }
    bp_real divisor = sum_of_lanes(sum);
    for (i = 0; i + BPI_LANES <= count; i += BPI_LANES)
        store(y + i, load(y + i) / divisor);
    if (i < count)
        store_first(y + i, load_first(y + i, count - i) / divisor, count - i);
}

#endif
