/* Rows of the table that go through vectors once: activations and slopes, softmax, sums, the momentum rule.
 * The last, partial vector of an array gets the same arithmetic in its first lanes. */
#ifndef BPI_KERNEL_ELEMENTWISE_TEMPLATE_H
#define BPI_KERNEL_ELEMENTWISE_TEMPLATE_H

#include "kernel/math_template.h"

/* y[i] = f(x[i]), where f is a function of vectors, inlined. */
#define BPI_MAP(f)                                                                                           \
    do {                                                                                                     \
        size_t i = 0;                                                                                        \
        for (; i + BPI_LANES <= count; i += BPI_LANES)                                                       \
            store(y + i, f(load(x + i)));                                                                    \
        if (i < count)                                                                                       \
            store_first(y + i, f(load_first(x + i, count - i)), count - i);                                  \
    } while (0)

static void activate(int32_t activation, const bp_real *x, bp_real *y, size_t count)
{
    if (activation == KERNEL_LOGISTIC)
        BPI_MAP(logistic_of);
    else if (activation == KERNEL_TANH)
        BPI_MAP(tanh_of);
    else if (activation == KERNEL_RELU)
        BPI_MAP(relu_of);
    else if (x != y)
        memcpy(y, x, count * sizeof *y);
}

/* [RHW86] eq. 5: dE/dx = dE/dy f'(x), with f' as a function of y. */
BPI_INLINE vec logistic_delta(vec delta, vec y)
{
    return delta * (y * (1 - y));
}

BPI_INLINE vec tanh_delta(vec delta, vec y)
{
    return delta * (1 - y * y);
}

BPI_INLINE vec relu_delta(vec delta, vec y)
{
    return (vec)((mask_vec)delta & (mask_vec)(y > 0));
}

#define BPI_MAP_DELTA(f)                                                                                     \
    do {                                                                                                     \
        size_t i = 0;                                                                                        \
        for (; i + BPI_LANES <= count; i += BPI_LANES)                                                       \
            store(delta + i, f(load(delta + i), load(y + i)));                                               \
        if (i < count)                                                                                       \
            store_first(delta + i, f(load_first(delta + i, count - i), load_first(y + i, count - i)),        \
                        count - i);                                                                          \
    } while (0)

static void multiply_slope(int32_t activation, const bp_real *y, bp_real *delta, size_t count)
{
    if (activation == KERNEL_LOGISTIC)
        BPI_MAP_DELTA(logistic_delta);
    else if (activation == KERNEL_TANH)
        BPI_MAP_DELTA(tanh_delta);
    else if (activation == KERNEL_RELU)
        BPI_MAP_DELTA(relu_delta);
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
    vec e = exp_of_negative(value - greatest_lane(value));
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
        vec e = exp_of_negative(load(x + i) - greatest);
        store(y + i, e);
        sum += e;
    }
    if (i < count) {
        vec e = exp_of_negative(load_first(x + i, count - i) - greatest);
        store_first(y + i, e, count - i);
        sum += (vec)((mask_vec)e & first_lanes(count - i));
    }
    bp_real divisor = sum_of_lanes(sum);
    for (i = 0; i + BPI_LANES <= count; i += BPI_LANES)
        store(y + i, load(y + i) / divisor);
    if (i < count)
        store_first(y + i, load_first(y + i, count - i) / divisor, count - i);
}

/*
 * [RHW86] eq. 9, with a decay after each change:
 * dw(t) = -rate dE/dw + momentum dw(t-1); w = (w + dw) keep.
 */
BPI_INLINE vec momentum_change(vec gradient, vec change, bp_real rate, bp_real momentum)
{
    return momentum * change - rate * gradient;
}

/*
 * For the weights and changes at `offset`, some lanes of a vector. Weights are read before changes are
 * written: where both vectors begin at the same place of a page, as large ones do, a processor that compares
 * the low bits of addresses only would let the reading wait for the writing.
 */
BPI_INLINE void change_lanes(const weight_change *rule, size_t offset, vec gradient, size_t lanes)
{
    bp_real *weights = rule->weights + offset, *change = rule->change + offset;
    vec weight = load_lanes(weights, lanes);
    vec next = momentum_change(gradient, load_lanes(change, lanes), rule->rate, rule->momentum);
    store_lanes(change, next, lanes);
    store_lanes(weights, (weight + next) * rule->keep, lanes);
}

static void momentum_update(bp_real *weights, const bp_real *gradient, bp_real *change, size_t count,
                            bp_real rate, bp_real momentum, bp_real keep)
{
    const weight_change rule = {weights, change, 1, rate, momentum, keep};
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES)
        change_lanes(&rule, i, load(gradient + i), BPI_LANES);
    if (i < count)
        change_lanes(&rule, i, load_first(gradient + i, count - i), count - i);
}

/* As momentum_update, from gradient / divisor, which takes the place of the gradient. */
static void change_weights(const weight_change *rule, size_t offset, bp_real *gradient, size_t count)
{
    if (rule->divisor != 1)
        for (size_t i = 0; i < count; i++)
            gradient[i] /= rule->divisor;
    momentum_update(rule->weights + offset, gradient, rule->change + offset, count, rule->rate,
                    rule->momentum, rule->keep);
}

/* The same with the gradient delta y[i] of one case. */
static void change_by_case(const weight_change *rule, size_t offset, bp_real delta, const bp_real *y,
                           size_t count)
{
    const weight_change here = *rule;
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES)
        change_lanes(&here, offset + i, delta * load(y + i), BPI_LANES);
    if (i < count)
        change_lanes(&here, offset + i, delta * load_first(y + i, count - i), count - i);
}

/* Up to `width` whole vectors of columns, summed side by side over the rows. */
BPI_INLINE void add_columns(size_t rows, const bp_real *a, size_t a_stride, size_t width, vec sum[])
{
    for (size_t row = 0; row < rows; row++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            sum[v] += load(a + row * a_stride + v * BPI_LANES);
    }
}

/* The sums of `lanes` columns; rows are taken by fours, each to its own sum, since one chain would wait. */
BPI_INLINE vec narrow_column_sums(size_t rows, const bp_real *a, size_t a_stride, size_t lanes)
{
    vec sum[4] = {{0}};
    size_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        BPI_UNROLL
        for (size_t r = 0; r < 4; r++)
            sum[r] += load_lanes(a + (row + r) * a_stride, lanes);
    }
    for (; row < rows; row++)
        sum[0] += load_lanes(a + row * a_stride, lanes);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void column_sums(size_t m, size_t n, const bp_real *a, size_t a_stride, bp_real *out, bool accumulate)
{
    size_t j = 0;
    for (; j + 4 * BPI_LANES <= n; j += 4 * BPI_LANES) {
        vec sum[4] = {{0}};
        add_columns(m, a + j, a_stride, 4, sum);
        BPI_UNROLL
        for (size_t v = 0; v < 4; v++) {
            bp_real *to = out + j + v * BPI_LANES;
            store(to, accumulate ? load(to) + sum[v] : sum[v]);
        }
    }
    for (; j < n; j += BPI_LANES) {
        size_t lanes = n - j < BPI_LANES ? n - j : BPI_LANES;
        vec sum = narrow_column_sums(m, a + j, a_stride, lanes);
        store_lanes(out + j, accumulate ? load_lanes(out + j, lanes) + sum : sum, lanes);
    }
}

/* A value is NaN or infinite where every bit of its exponent is set. */
static bool all_finite(const bp_real *values, size_t count)
{
    const lane_bits exponent =
        ((lane_bits)1 << (8 * sizeof(lane_bits) - 1)) - ((lane_bits)1 << MANTISSA_BITS);
    mask_vec found = {0};
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES)
        found |= (mask_vec)(((bits_vec)load(values + i) & exponent) == exponent);
    if (i < count)
        found |= (mask_vec)(((bits_vec)load_first(values + i, count - i) & exponent) == exponent);
    lane_mask any = 0;
    for (size_t lane = 0; lane < BPI_LANES; lane++)
        any |= found[lane];
    return any == 0;
}

/* In double, as eight sums that the compiler makes vectors of. */
static double sum_of_squares(const bp_real *values, size_t count)
{
    double sum[8] = {0}, total = 0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sum[lane] += (double)values[i + lane] * (double)values[i + lane];
    for (; i < count; i++)
        sum[i % 8] += (double)values[i] * (double)values[i];
    for (size_t lane = 0; lane < 8; lane++)
        total += sum[lane];
    return total;
}

#endif
