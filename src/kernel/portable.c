/*
 * The reference kernels: plain C that reads like the formulas. What keeps them from being slow is that long
 * sums run in LANES independent lanes, which a compiler can keep in vector registers without being allowed
 * to reorder arithmetic, and that ROWS rows of a result are made at once, so that each value loaded from the
 * other matrix serves several of them. A row's sums run in the same order whether it is made alone or not.
 */
#include <tgmath.h>

#include "kernel/portable_loss.h"
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

/* -------------------------------------------------------- activation and slope */

/* The greatest number whose exp is finite. */
#ifdef BP_DOUBLE
static const bp_real greatest_exponent = 0x1.62e42fefa39efp+9;
#else
static const bp_real greatest_exponent = 0x1.62e42ep+6f;
#endif

static void activate(int32_t activation, const bp_real *x, bp_real *y, size_t count)
{
    switch (activation) {
    case KERNEL_LOGISTIC: /* [RHW86] eq. 2; 0 where exp would overflow */
        for (size_t i = 0; i < count; i++)
            y[i] = x[i] < -greatest_exponent ? 0 : 1 / (1 + exp(-x[i]));
        break;
    case KERNEL_TANH:
        for (size_t i = 0; i < count; i++)
            y[i] = tanh(x[i]);
        break;
    case KERNEL_RELU:
        for (size_t i = 0; i < count; i++)
            y[i] = x[i] <= 0 ? 0 : x[i]; /* NaN stays NaN, so that divergence is seen */
        break;
    default:
        for (size_t i = 0; x != y && i < count; i++)
            y[i] = x[i];
    }
}

static void multiply_slope(int32_t activation, const bp_real *y, bp_real *delta, size_t count)
{
    switch (activation) {
    case KERNEL_LOGISTIC: /* [RHW86] eq. 5 */
        for (size_t i = 0; i < count; i++)
            delta[i] *= y[i] * (1 - y[i]);
        break;
    case KERNEL_TANH:
        for (size_t i = 0; i < count; i++)
            delta[i] *= 1 - y[i] * y[i];
        break;
    case KERNEL_RELU:
        for (size_t i = 0; i < count; i++)
            delta[i] *= (bp_real)(y[i] > 0);
        break;
    default:
        break;
    }
}

static void softmax_of_row(const bp_real *x, bp_real *y, size_t count)
{
    bp_real greatest = x[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        greatest = x[i] > greatest ? x[i] : greatest;
    for (size_t i = 0; i < count; i++) {
        bool is_tiny = x[i] / 2 - greatest / 2 < -400; /* exp is 0; the difference itself may overflow */
        y[i] = is_tiny ? 0 : exp(x[i] - greatest);
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

/* sums[row] = a[row] . b for `rows` <= ROWS rows of a. */
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* [RHW86] eq. 1: x_j = sum_i y_i w_ji, a row of C per case, and eq. 2 at the end. */
static void product_forward(const matrix_product *p)
{
    for (size_t first = 0; first < p->m; first += ROWS) {
        size_t rows = least(ROWS, p->m - first);
        const bp_real *a = p->a + first * p->a_stride;
        bp_real *c = p->c + first * p->c_stride;
        for (size_t j = 0; j < p->n; j++) {
            bp_real sums[ROWS];
            if (p->sums != NULL)
                sums[0] = p->sums[j];
            else if (rows == ROWS) /* with a constant, the compiler unrolls it */
                dot_rows(ROWS, a, p->a_stride, p->b + j * p->b_stride, p->k, sums);
            else
                dot_rows(rows, a, p->a_stride, p->b + j * p->b_stride, p->k, sums);
            for (size_t row = 0; row < rows; row++) {
                bp_real start = p->accumulate ? c[row * p->c_stride + j] : 0;
                c[row * p->c_stride + j] = start + sums[row] + (p->bias != NULL ? p->bias[j] : 0);
            }
        }
        for (size_t row = 0; row < rows; row++)
            activate(p->activation, c + row * p->c_stride, c + row * p->c_stride, p->n);
    }
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

/* [RHW86] eq. 7: dE/dy_i = sum_j dE/dx_j w_ji, a row of C per case, and eq. 5 at the end. */
static void product_backward(const matrix_product *p)
{
    for (size_t row = 0; row < p->m; row++) {
        bp_real *c = p->c + row * p->c_stride;
        if (!p->accumulate)
            clear_row(c, p->n);
        for (size_t k = 0; k < p->k; k += ROWS)
            add_rows(least(ROWS, p->k - k), p->a + row * p->a_stride + k, p->b + k * p->b_stride, p->b_stride,
                     c, p->n);
        if (p->slope_y != NULL)
            multiply_slope(p->activation, p->slope_y + row * p->slope_y_stride, c, p->n);
    }
}

static void momentum_update(bp_real *weights, const bp_real *gradient, bp_real *last_update, size_t count,
                            bp_real rate, bp_real momentum, bp_real decay_factor)
{
    for (size_t i = 0; i < count; i++) {
        last_update[i] = momentum * last_update[i] - rate * gradient[i]; /* [RHW86] eq. 9 */
        weights[i] = (weights[i] + last_update[i]) * decay_factor;
    }
}

static void update_weights(const matrix_product *p)
{
    const sgd_update *change = &p->update;
    for (size_t j = 0; j < p->m; j++) {
        size_t row = j * p->c_stride;
        for (size_t i = 0; change->divisor != 1 && i < p->n; i++)
            p->c[row + i] /= change->divisor;
        momentum_update(change->weights + row, p->c + row, change->last_update + row, p->n, change->rate,
                        change->momentum, change->decay_factor);
    }
}

/* [RHW86] eq. 6: dE/dw_ji = dE/dx_j y_i, summed over the k cases. */
static void product_weights(const matrix_product *p)
{
    for (size_t j = 0; j < p->m && !p->accumulate; j++)
        clear_row(p->c + j * p->c_stride, p->n);
    for (size_t k = 0; k < p->k; k += ROWS) {
        size_t count = least(ROWS, p->k - k);
        for (size_t j = 0; j < p->m; j++) {
            bp_real deltas[ROWS];
            for (size_t row = 0; row < count; row++)
                deltas[row] = p->a[(k + row) * p->a_stride + j];
            add_rows(count, deltas, p->b + k * p->b_stride, p->b_stride, p->c + j * p->c_stride, p->n);
        }
    }
    if (p->update.weights != NULL)
        update_weights(p);
    for (size_t j = 0; j < p->m && p->next_sums != NULL; j++)
        dot_rows(1, p->next_y, 0, p->update.weights + j * p->c_stride, p->n, &p->next_sums[j]);
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

static bool all_finite(const bp_real *values, size_t count)
{
    bp_real lane[LANES] = {0};
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += values[i + l] - values[i + l]; /* 0, or NaN from NaN or infinity */
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
    .product_scratch = no_scratch,
    .product_forward = product_forward,
    .product_backward = product_backward,
    .product_weights = product_weights,
    .column_sums = column_sums,
    .activate = activate,
    .multiply_slope = multiply_slope,
    .softmax = softmax,
    .find_loss = bpi_portable_find_loss,
    .momentum_update = momentum_update,
    .all_finite = all_finite,
    .sum_of_squares = sum_of_squares,
};
