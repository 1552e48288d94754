/* Softmax of a single case. The partial vector at the end of its units gets the same arithmetic in its first
 * lanes. */
#ifndef BPI_KERNEL_CASE_SOFTMAX_TEMPLATE_H
#define BPI_KERNEL_CASE_SOFTMAX_TEMPLATE_H

#include "kernel/activation_template.h"

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
    const vec max = splat(max_lane(larger(second, first)));
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
