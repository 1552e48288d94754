/* Functions of the table that make one pass over arrays: activations, slopes, updates of weights, sums, the
 * check for NaN and infinity. The partial vector at the end of an array gets the same arithmetic in its first
 * lanes, or, for weights, in a whole vector that overlaps the one before (update_template.h). */
#ifndef BPI_KERNEL_ELEMENTWISE_TEMPLATE_H
#define BPI_KERNEL_ELEMENTWISE_TEMPLATE_H

#include "kernel/activation_template.h"
#include "kernel/rule_template.h"
#include "kernel/update_template.h"

/* y[i] = f(x[i]). One loop for whole and partial vectors, since f is inlined and long. */
static void activate(int32_t activation, const bp_real *x, bp_real *y, size_t count)
{
#define BPI_ACTIVATE(name, function, value)                                                                  \
    if (activation == KERNEL_##name) {                                                                       \
        for (size_t i = 0; i < count; i += BPI_LANES) {                                                      \
            const size_t lanes = count - i < BPI_LANES ? count - i : BPI_LANES;                              \
            store_lanes(y + i, function##_of(load_lanes(x + i, lanes)), lanes);                              \
        }                                                                                                    \
    } else
    KERNEL_ACTIVATION_LIST(BPI_ACTIVATE)
#undef BPI_ACTIVATE
    if (x != y)
        memcpy(y, x, count * sizeof *y);
}

/* delta[i] *= f'(x[i]), from y[i] = f(x[i]). */
static void multiply_slope(int32_t activation, const bp_real *y, bp_real *delta, size_t count)
{
#define BPI_MULTIPLY_SLOPE(name, function, value)                                                            \
    if (activation == KERNEL_##name) {                                                                       \
        size_t i = 0;                                                                                        \
        for (; i + BPI_LANES <= count; i += BPI_LANES)                                                       \
            store(delta + i, function##_delta(load(delta + i), load(y + i)));                                \
        if (i < count)                                                                                       \
            store_first(delta + i,                                                                           \
                        function##_delta(load_first(delta + i, count - i), load_first(y + i, count - i)),    \
                        count - i);                                                                          \
    }
    KERNEL_ACTIVATION_LIST(BPI_MULTIPLY_SLOPE)
#undef BPI_MULTIPLY_SLOPE
}

/* `rows` rows of `count` weights from `offset` on, and of their gradient. */
BPI_INLINE void momentum_rows(const weight_update *update, size_t offset, size_t stride,
                              const bp_real *gradient, size_t gradient_stride, size_t rows, size_t count)
{
    const weight_update rule = *update; /* a copy, so that no store can alias it */
    if (count < BPI_LANES) {
        for (size_t row = 0; row < rows; row++, offset += stride, gradient += gradient_stride)
            update_lanes(&rule, offset, load_first(gradient, count), count);
        return;
    }
    const size_t last = count - BPI_LANES;
    for (size_t row = 0; row < rows; row++, offset += stride, gradient += gradient_stride) {
        const weight_values before = load_last_vector(&rule, offset, count);
        size_t i = 0;
        for (; i + BPI_LANES <= count; i += BPI_LANES)
            update_lanes(&rule, offset + i, load(gradient + i), BPI_LANES);
        if (i < count)
            update_last_vector(&rule, offset + last, load(gradient + last), before);
    }
}

static void momentum_update(bp_real *weights, const bp_real *gradient, bp_real *last_update, size_t count,
                            bp_real rate, bp_real momentum, bp_real decay_factor)
{
    const weight_update rule = {.weights = weights,
                                .last_update = last_update,
                                .gradient_factor = 1,
                                .rate = rate,
                                .momentum = momentum,
                                .decay_factor = decay_factor};
    momentum_rows(&rule, 0, 0, gradient, 0, 1, count);
}

BPI_INLINE rule_values load_rule_values(int32_t kind, const weight_update *u, size_t offset, size_t lanes)
{
    const bp_real *s = u->last_update + offset;
    return (rule_values){load_lanes(u->weights + offset, lanes), load_lanes(s, lanes),
                         has_t(kind) ? load_lanes(s + u->state_stride, lanes) : (vec){0}};
}

BPI_INLINE void store_rule_values(int32_t kind, const weight_update *u, size_t offset, rule_values next,
                                  size_t lanes)
{
    bp_real *s = u->last_update + offset;
    store_lanes(s, next.s, lanes);
    if (has_t(kind))
        store_lanes(s + u->state_stride, next.t, lanes);
    store_lanes(u->weights + offset, next.weight, lanes);
}

/* Weights that are not a whole number of vectors end with one that overlaps the one before, as those of
 * momentum do: see load_last_vector. */
BPI_INLINE void update_by(int32_t kind, const weight_update *u, size_t offset, const bp_real *gradient,
                          size_t count)
{
    if (count < BPI_LANES) {
        const rule_values now = load_rule_values(kind, u, offset, count);
        store_rule_values(kind, u, offset, next_by_rule(kind, u, now, load_first(gradient, count)), count);
        return;
    }
    const size_t last = count - BPI_LANES;
    rule_values before = {{0}, {0}, {0}};
    size_t i = 0;
    if (count % BPI_LANES != 0)
        before = load_rule_values(kind, u, offset + last, BPI_LANES);
    for (; i + BPI_LANES <= count; i += BPI_LANES) {
        const rule_values now = load_rule_values(kind, u, offset + i, BPI_LANES);
        store_rule_values(kind, u, offset + i, next_by_rule(kind, u, now, load(gradient + i)), BPI_LANES);
    }
    if (i < count)
        store_rule_values(kind, u, offset + last, next_by_rule(kind, u, before, load(gradient + last)),
                          BPI_LANES);
}

static void update_by_rule(const weight_update *update, size_t offset, const bp_real *gradient, size_t count)
{
    const weight_update u = *update; /* a copy, so that no store can alias it */
    BPI_BY_RULE(u.kind, update_by, &u, offset, gradient, count)
}

static void rule_update(const weight_update *update, const bp_real *gradient, size_t count)
{
    if (update->kind == KERNEL_MOMENTUM)
        momentum_update(update->weights, gradient, update->last_update, count, update->rate, update->momentum,
                        update->decay_factor);
    else
        update_by_rule(update, 0, gradient, count);
}

static void multiply_all(bp_real *values, size_t count, bp_real factor)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
}

/* The update of `rows` rows of `count` weights from `offset` on by a gradient, which is multiplied by its
 * factor. */
static void update_weights(const weight_update *rule, size_t offset, size_t stride, bp_real *gradient,
                           size_t gradient_stride, size_t rows, size_t count)
{
    for (size_t row = 0; rule->gradient_factor != 1 && row < rows; row++)
        multiply_all(gradient + row * gradient_stride, count, rule->gradient_factor);
    if (rule->kind == KERNEL_MOMENTUM)
        momentum_rows(rule, offset, stride, gradient, gradient_stride, rows, count);
    else
        for (size_t row = 0; row < rows; row++)
            update_by_rule(rule, offset + row * stride, gradient + row * gradient_stride, count);
}

/* sum[v] += the sum over all rows of column vector v, for `width` whole vectors at once. */
BPI_INLINE void add_columns(size_t rows, const bp_real *a, size_t a_stride, size_t width, vec sum[])
{
    for (size_t row = 0; row < rows; row++) {
        BPI_UNROLL
        for (size_t v = 0; v < width; v++)
            sum[v] += load(a + row * a_stride + v * BPI_LANES);
    }
}

/* The sums of up to a vector of columns, by four accumulators: one would be limited by the latency of
 * addition.
 */
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

/* A value is NaN or infinite if all bits of its exponent are set. */
static bool all_finite(const bp_real *values, size_t count)
{
    const lane_bits lowest = (lane_bits)1 << MANTISSA_BITS, /* of the exponent's bits */
        exponent = ((lane_bits)1 << (8 * sizeof(lane_bits) - 1)) - lowest;
    bits_vec found = {0}; /* the bits of all ones and another one carry into that of the sign */
    size_t i = 0;
    for (; i + BPI_LANES <= count; i += BPI_LANES)
        found |= ((bits_vec)load(values + i) & exponent) + lowest;
    if (i < count)
        found |= ((bits_vec)load_first(values + i, count - i) & exponent) + lowest;
    return !any_lane((mask_vec)found < 0);
}

/* In double, by eight accumulators, which the compiler keeps in vectors. */
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
