/*
 * The reference kernels: plain C that reads like the formulas. Two things make them fast enough: long sums
 * run in LANES independent lanes, which a compiler can keep in vector registers without reordering
 * arithmetic; and ROWS rows of a result are computed at once, so that each value loaded from the other matrix
 * is used several times. A row's sums have the same order whether it is computed alone or with others.
 */
#include <tgmath.h>

#include "base/numeric.h"
#include "kernel/portable_loss.h"
#include "kernel/portable_noise.h"
#include "kernel/portable_update.h"
#include "kernel/portable_values.h"
#include "kernel/tables.h"

enum { LANES = 8, ROWS = 4 };

static bool always_supported(void)
{
    return true;
}

static size_t no_scratch(size_t m, size_t n, size_t k)
{
    (void)m;
    (void)n;
    (void)k;
    return 0;
}

/* B is read as it is. */
static size_t no_panels(size_t n, size_t k)
{
    (void)n;
    (void)k;
    return 0;
}

/* -------------------------------------------------------- activation and slope */

/* The largest number whose exp is finite. */
#ifdef BP_DOUBLE
static const bp_real max_exponent = 0x1.62e42fefa39efp+9;
#else
static const bp_real max_exponent = 0x1.62e42ep+6f;
#endif

/* [RHW86] eq. 2, 0 where exp would overflow; and eq. 5: the slope from y. */
static bp_real logistic_value(bp_real x)
{
    return x < -max_exponent ? 0 : 1 / (1 + exp(-x));
}

static bp_real logistic_slope(bp_real y)
{
    return y * (1 - y);
}

static bp_real tanh_value(bp_real x)
{
    return tanh(x);
}

static bp_real tanh_slope(bp_real y)
{
    return 1 - y * y;
}

/* NaN stays NaN, so that divergence is detected. */
static bp_real relu_value(bp_real x)
{
    return x <= 0 ? 0 : x;
}

static bp_real relu_slope(bp_real y)
{
    return (bp_real)(y > 0);
}

static void activate(int32_t activation, const bp_real *x, bp_real *y, size_t count)
{
    switch (activation) {
#define ACTIVATE(name, function, value)                                                                      \
    case KERNEL_##name:                                                                                      \
        for (size_t i = 0; i < count; i++)                                                                   \
            y[i] = function##_value(x[i]);                                                                   \
        break;
        KERNEL_ACTIVATION_LIST(ACTIVATE)
#undef ACTIVATE
    default:
        for (size_t i = 0; x != y && i < count; i++)
            y[i] = x[i];
    }
}

static void multiply_slope(int32_t activation, const bp_real *y, bp_real *delta, size_t count)
{
    switch (activation) {
#define MULTIPLY_SLOPE(name, function, value)                                                                \
    case KERNEL_##name:                                                                                      \
        for (size_t i = 0; i < count; i++)                                                                   \
            delta[i] *= function##_slope(y[i]);                                                              \
        break;
        KERNEL_ACTIVATION_LIST(MULTIPLY_SLOPE)
#undef MULTIPLY_SLOPE
    default:
        break;
    }
}

static void softmax_of_row(const bp_real *x, bp_real *y, size_t count)
{
    bp_real max = x[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        max = x[i] > max ? x[i] : max;
    for (size_t i = 0; i < count; i++) {
        bool is_tiny = x[i] / 2 - max / 2 < -400; /* exp is 0; the difference itself may overflow */
        y[i] = is_tiny ? 0 : exp(x[i] - max);
        sum += y[i];
    }
    for (size_t i = 0; i < count; i++)
        y[i] /= sum;
}

static void softmax(const bp_real *x, bp_real *y, size_t rows, size_t count)
{
    for (size_t row = 0; row < rows; row++)
        softmax_of_row(x + row * count, y + row * count, count);
}

/* ------------------------------------------------------------------- products */

static bp_real sum_lanes(const bp_real *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* sums[row] = dot product of a[row] and b, for `rows` <= ROWS rows of a. */
static void dot_rows(size_t rows, const bp_real *a, size_t a_stride, const bp_real *b, size_t k,
                     bp_real *sums)
{
    bp_real lane[ROWS][LANES] = {{0}};
    size_t whole = k - k % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t row = 0; row < rows; row++)
            for (size_t l = 0; l < LANES; l++)
                lane[row][l] += a[row * a_stride + i + l] * b[i + l];
    for (size_t i = whole; i < k; i++)
        for (size_t row = 0; row < rows; row++)
            lane[row][i - whole] += a[row * a_stride + i] * b[i];
    for (size_t row = 0; row < rows; row++)
        sums[row] = sum_lanes(lane[row]);
}

/* The epilogue of a row of C, unless it is an update. */
static void finish_row(const matrix_product *p, size_t row)
{
    const product_epilogue *e = &p->epilogue;
    bp_real *c = p->c + row * p->c_stride;
    if (e->kind == EPILOGUE_ACTIVATION)
        activate(e->activation, c, c, p->n);
    else if (e->kind == EPILOGUE_SLOPE)
        multiply_slope(e->slope.activation, e->slope.y + row * e->slope.y_stride, c, p->n);
}

/* [RHW86] eq. 1: x_j = sum_i y_i w_ji, a row of C per case; eq. 2 as the epilogue. */
static void product_forward(const matrix_product *p)
{
    for (size_t first = 0; first < p->m; first += ROWS) {
        size_t rows = bpi_min(ROWS, p->m - first);
        const bp_real *a = p->a + first * p->a_stride;
        for (size_t j = 0; j < p->n; j++) {
            bp_real sums[ROWS];
            if (rows == ROWS) /* a constant: the compiler unrolls the loops */
                dot_rows(ROWS, a, p->a_stride, p->b + j * p->b_stride, p->k, sums);
            else
                dot_rows(rows, a, p->a_stride, p->b + j * p->b_stride, p->k, sums);
            for (size_t row = 0; row < rows; row++) {
                bp_real *c = p->c + (first + row) * p->c_stride + j;
                bp_real start = p->accumulate ? *c : p->bias != NULL ? p->bias[j] : 0;
                *c = start + sums[row];
            }
        }
        for (size_t row = 0; row < rows; row++)
            finish_row(p, first + row);
    }
}

static void forward_from_sums(const matrix_product *p, const bp_real *sums)
{
    for (size_t j = 0; j < p->n; j++)
        p->c[j] = (p->accumulate ? p->c[j] : p->bias != NULL ? p->bias[j] : 0) + sums[j];
    finish_row(p, 0);
}

/* c[j] += sum over `count` <= ROWS rows of b: factor[row] * b[row][j]. */
static void add_rows(size_t count, const bp_real *factor, const bp_real *b, size_t b_stride, bp_real *c,
                     size_t n)
{
    if (count == ROWS) {
        const bp_real *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
        for (size_t j = 0; j < n; j++)
            c[j] += (factor[0] * b[j] + factor[1] * b1[j]) + (factor[2] * b2[j] + factor[3] * b3[j]);
        return;
    }
    for (size_t row = 0; row < count; row++)
        for (size_t j = 0; j < n; j++)
            c[j] += factor[row] * b[row * b_stride + j];
}

static void clear_row(bp_real *c, size_t n)
{
    for (size_t j = 0; j < n; j++)
        c[j] = 0;
}

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j w_ji, a row of C per case; eq. 5 as the epilogue. */
static void product_backward(const matrix_product *p)
{
    for (size_t row = 0; row < p->m; row++) {
        bp_real *c = p->c + row * p->c_stride;
        if (!p->accumulate)
            clear_row(c, p->n);
        for (size_t k = 0; k < p->k; k += ROWS)
            add_rows(bpi_min(ROWS, p->k - k), p->a + row * p->a_stride + k, p->b + k * p->b_stride,
                     p->b_stride, c, p->n);
        finish_row(p, row);
    }
}

static void momentum_update(bp_real *weights, const bp_real *gradient, bp_real *last_update, size_t count,
                            bp_real rate, bp_real momentum, bp_real decay_factor)
{
    for (size_t i = 0; i < count; i++) {
        /* [RHW86] eq. 9 */
        last_update[i] = momentum * bpi_normal(last_update[i]) - rate * gradient[i];
        weights[i] = (weights[i] + last_update[i]) * decay_factor;
    }
}

static void multiply_all(bp_real *values, size_t count, bp_real factor)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
}

static void rule_update(const weight_update *update, const bp_real *gradient, size_t count)
{
    if (update->kind == KERNEL_MOMENTUM)
        momentum_update(update->weights, gradient, update->last_update, count, update->rate, update->momentum,
                        update->decay_factor);
    else
        bpi_portable_rule_update(update, gradient, count);
}

static void update_weights(const matrix_product *p)
{
    for (size_t j = 0; j < p->m; j++) {
        weight_update row = p->epilogue.update.rule;
        bp_real *gradient = p->c + j * p->c_stride;
        row.weights += j * p->c_stride;
        row.last_update += j * p->c_stride;
        multiply_all(gradient, p->n, row.gradient_factor);
        rule_update(&row, gradient, p->n);
    }
}

/* [RHW86] eq. 6: dE/dw_ji = dE/dx_j y_i, summed over the k cases. */
static void product_weights(const matrix_product *p)
{
    for (size_t j = 0; j < p->m && !p->accumulate; j++)
        clear_row(p->c + j * p->c_stride, p->n);
    for (size_t k = 0; k < p->k; k += ROWS) {
        size_t count = bpi_min(ROWS, p->k - k);
        for (size_t j = 0; j < p->m; j++) {
            bp_real deltas[ROWS];
            for (size_t row = 0; row < count; row++)
                deltas[row] = p->a[(k + row) * p->a_stride + j];
            add_rows(count, deltas, p->b + k * p->b_stride, p->b_stride, p->c + j * p->c_stride, p->n);
        }
    }
    const product_epilogue *e = &p->epilogue;
    if (e->kind == EPILOGUE_UPDATE || e->kind == EPILOGUE_UPDATE_AND_SUMS)
        update_weights(p);
    for (size_t j = 0; j < p->m && e->kind == EPILOGUE_UPDATE_AND_SUMS; j++)
        dot_rows(1, e->update.next_y, 0, e->update.rule.weights + j * p->c_stride, p->n,
                 &e->update.next_sums[j]);
}

static void column_sums(size_t m, size_t n, const bp_real *a, size_t a_stride, bp_real *out, bool accumulate)
{
    if (!accumulate)
        clear_row(out, n);
    for (size_t row = 0; row < m; row++)
        for (size_t j = 0; j < n; j++)
            out[j] += a[row * a_stride + j];
}

/* -------------------------------------------------------------- whole vectors */

static bool scale(const scaled_rows *r)
{
    bp_real sum = 0;
    for (size_t row = 0; row < r->rows; row++)
        for (size_t i = 0; i < r->columns; i++) {
            const bp_real scaled = (r->from[row * r->from_stride + i] - r->offset[i]) * r->factor[i];
            if (r->to != NULL)
                r->to[row * r->to_stride + i] = scaled;
            sum += scaled - scaled; /* 0, or NaN for NaN and infinity */
        }
    return sum == 0;
}

static void unscale(const scaled_rows *r)
{
    for (size_t row = 0; row < r->rows; row++)
        for (size_t i = 0; i < r->columns; i++)
            r->to[row * r->to_stride + i] = r->from[row * r->from_stride + i] / r->factor[i] + r->offset[i];
}

static bool all_finite(const bp_real *values, size_t count)
{
    bp_real lane[LANES] = {0};
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += values[i + l] - values[i + l]; /* 0, or NaN for NaN and infinity */
    for (size_t i = whole; i < count; i++)
        lane[i - whole] += values[i] - values[i];
    return sum_lanes(lane) == 0;
}

static double sum_of_squares(const bp_real *values, size_t count)
{
    double lane[LANES] = {0};
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += (double)values[i + l] * (double)values[i + l];
    for (size_t i = whole; i < count; i++)
        lane[i - whole] += (double)values[i] * (double)values[i];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

const kernel_table bpi_kernel_portable = {
    .name = "portable",
    .supported = always_supported,
    .lanes = 1,
    .product_scratch = no_scratch,
    .panel_values = no_panels,
    .product_forward = product_forward,
    .product_backward = product_backward,
    .product_weights = product_weights,
    .forward_from_sums = forward_from_sums,
    .column_sums = column_sums,
    .activate = activate,
    .multiply_slope = multiply_slope,
    .find_values = bpi_portable_values,
    .multiply_slope_at = bpi_portable_multiply_slope,
    .softmax = softmax,
    .find_loss = bpi_portable_find_loss,
    .find_loss_by_unit = bpi_portable_find_loss_by_unit,
    .momentum_update = momentum_update,
    .rule_update = rule_update,
    .drop_units = bpi_portable_drop_units,
    .add_noise = bpi_portable_add_noise,
    .scale = scale,
    .unscale = unscale,
    .multiply_all = multiply_all,
    .all_finite = all_finite,
    .sum_of_squares = sum_of_squares,
};
