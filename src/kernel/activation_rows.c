#include "kernel/activation_rows.h"

#include <math.h> /* before tgmath.h, for INFINITY */
#include <string.h>
#include <tgmath.h>

#include "base/real.h"

/* x is the total input, s the steepness, z = s x. Where a difference would lose digits near a zero of f, the
 * formula is another form of it. */
#define UNUSED        __attribute__((unused))
#define FORMULA(name) static wide_real name(wide_real x UNUSED, const double *p UNUSED)

static const wide_real one = 1; /* so that functions of constants are those of wide_real */

FORMULA(zero)
{
    return 0;
}

/* s x less z = s x as it is rounded. */
FORMULA(lost_by_product)
{
    return fma((wide_real)p[0], x, -((wide_real)p[0] * x));
}

/* ------------------------------------------- linear, logistic, tanh: y = f(s x) */

FORMULA(linear_value)
{
    return x;
}

FORMULA(linear_slope)
{
    return 1;
}

FORMULA(scaled_linear_value)
{
    return (wide_real)p[0] * x;
}

FORMULA(scaled_linear_slope)
{
    return p[0];
}

/* [RHW86] eq. 2. e^-|z| cannot overflow. */
static wide_real logistic_at(wide_real z)
{
    const wide_real e = exp(-fabs(z));
    return (z < 0 ? e : 1) / (1 + e);
}

static wide_real logistic_slope_at(wide_real z)
{
    const wide_real e = exp(-fabs(z));
    return e / ((1 + e) * (1 + e));
}

/* y (1 - y) (1 - 2 y) */
static wide_real logistic_curvature_at(wide_real z)
{
    return -logistic_slope_at(z) * tanh(z / 2);
}

FORMULA(steep_logistic_value)
{
    return logistic_at((wide_real)p[0] * x);
}

FORMULA(steep_logistic_slope)
{
    return (wide_real)p[0] * logistic_slope_at((wide_real)p[0] * x);
}

FORMULA(steep_logistic_curvature)
{
    return (wide_real)p[0] * (wide_real)p[0] * logistic_curvature_at((wide_real)p[0] * x);
}

FORMULA(logistic_value)
{
    return logistic_at(x);
}

FORMULA(logistic_slope)
{
    return logistic_slope_at(x);
}

FORMULA(logistic_curvature)
{
    return logistic_curvature_at(x);
}

/* 1 - tanh(z)^2 = 4 f'(2 z) with the logistic function f. */
FORMULA(steep_tanh_value)
{
    return tanh((wide_real)p[0] * x);
}

FORMULA(steep_tanh_slope)
{
    return 4 * (wide_real)p[0] * logistic_slope_at(2 * (wide_real)p[0] * x);
}

FORMULA(steep_tanh_curvature)
{
    return 8 * (wide_real)p[0] * (wide_real)p[0] * logistic_curvature_at(2 * (wide_real)p[0] * x);
}

FORMULA(tanh_value)
{
    return tanh(x);
}

FORMULA(tanh_slope)
{
    return 4 * logistic_slope_at(2 * x);
}

FORMULA(tanh_curvature)
{
    return 8 * logistic_curvature_at(2 * x);
}

/* ------------------------------------------------------------------- rectifiers */

FORMULA(relu_value)
{
    return x <= 0 ? 0 : x;
}

FORMULA(relu_slope)
{
    return x > 0;
}

FORMULA(leaky_relu_slope)
{
    return x > 0 ? (wide_real)p[1] : (wide_real)p[0] * (wide_real)p[1];
}

FORMULA(leaky_relu_value)
{
    return x * leaky_relu_slope(x, p);
}

/* Clevert et al. 2016, eq. 15. */
FORMULA(elu_value)
{
    return x > 0 ? x : (wide_real)p[0] * expm1(x);
}

FORMULA(elu_slope)
{
    return x > 0 ? one : (wide_real)p[0] * exp(x);
}

FORMULA(elu_curvature)
{
    return x > 0 ? 0 : (wide_real)p[0] * exp(x);
}

/* Klambauer et al. 2017, eq. 2. */
FORMULA(selu_value)
{
    return x > 0 ? (wide_real)BPI_SELU_SCALE * x : (wide_real)BPI_SELU_SCALE_ALPHA * expm1(x);
}

FORMULA(selu_slope)
{
    return x > 0 ? (wide_real)BPI_SELU_SCALE : (wide_real)BPI_SELU_SCALE_ALPHA * exp(x);
}

FORMULA(selu_curvature)
{
    return x > 0 ? 0 : (wide_real)BPI_SELU_SCALE_ALPHA * exp(x);
}

FORMULA(softplus_value)
{
    return (x <= 0 ? 0 : x) + log1p(exp(-fabs(x)));
}

/* x Phi(x), Phi the normal distribution. Hendrycks & Gimpel 2016. */
static wide_real normal_at(wide_real x)
{
    return erfc(-x * (wide_real)0.70710678118654752440084436210484903928L) / 2;
}

static wide_real density_at(wide_real x)
{
    return (wide_real)0.39894228040143267793994605993438186848L * exp(-x * x / 2);
}

FORMULA(gelu_value)
{
    return x * normal_at(x);
}

FORMULA(gelu_slope)
{
    return normal_at(x) + x * density_at(x);
}

FORMULA(gelu_curvature)
{
    return density_at(x) * (2 - x * x);
}

FORMULA(silu_value)
{
    return x * logistic_at(x);
}

FORMULA(silu_slope)
{
    return logistic_at(x) + x * logistic_slope_at(x);
}

/* 2 f' + x f'' of the logistic function f. */
FORMULA(silu_curvature)
{
    return 2 * logistic_slope_at(x) + x * logistic_curvature_at(x);
}

/* ------------------------------------- softsign, and FANN's others, with steepness */

FORMULA(softsign_value)
{
    const wide_real z = (wide_real)p[0] * x;
    return z / (1 + fabs(z));
}

FORMULA(softsign_slope)
{
    const wide_real share = 1 / (1 + fabs((wide_real)p[0] * x));
    return (wide_real)p[0] * share * share;
}

FORMULA(softsign_curvature)
{
    const wide_real share = 1 / (1 + fabs((wide_real)p[0] * x));
    const wide_real size = 2 * (wide_real)p[0] * (wide_real)p[0] * share * share * share;
    return x < 0 ? size : -size;
}

/* (1 + z / (1 + |z|)) / 2 */
FORMULA(softsign_01_value)
{
    const wide_real z = (wide_real)p[0] * x;
    return z < 0 ? 1 / (2 * (1 - z)) : 1 - 1 / (2 * (1 + z));
}

FORMULA(softsign_01_slope)
{
    return softsign_slope(x, p) / 2;
}

FORMULA(softsign_01_curvature)
{
    return softsign_curvature(x, p) / 2;
}

static wide_real clipped(wide_real z, wide_real low)
{
    return z < low ? low : z > 1 ? 1 : z;
}

FORMULA(piecewise_linear_value)
{
    return clipped((wide_real)p[0] * x, -1);
}

FORMULA(piecewise_linear_slope)
{
    return fabs((wide_real)p[0] * x) < 1 ? (wide_real)p[0] : 0;
}

FORMULA(piecewise_linear_01_value)
{
    return clipped((wide_real)p[0] * x, 0);
}

FORMULA(piecewise_linear_01_slope)
{
    return x > 0 && (wide_real)p[0] * x < 1 ? (wide_real)p[0] : 0;
}

FORMULA(gaussian_value)
{
    const wide_real z = (wide_real)p[0] * x;
    return exp(-z * z);
}

FORMULA(gaussian_slope)
{
    const wide_real z = (wide_real)p[0] * x;
    return -2 * (wide_real)p[0] * z * exp(-z * z);
}

FORMULA(gaussian_curvature)
{
    const wide_real z = (wide_real)p[0] * x;
    return 2 * (wide_real)p[0] * (wide_real)p[0] * (2 * z * z - 1) * exp(-z * z);
}

/* 2 e^(-z^2) - 1 = e^(ln 2 - z^2) - 1; near its zeros the difference needs the digits that z, z^2 and ln 2
 * lose by rounding. Elsewhere they do not matter, and z^2 may be too large for them. */
FORMULA(gaussian_symmetric_value)
{
    const wide_real z = (wide_real)p[0] * x, square = z * z;
    const wide_real ln_2 = (wide_real)0x1.62e42fefa39efp-1L,
                    ln_2_lost = (wide_real)2.31904681384629961549485546388e-17L;
    const wide_real lost = square < 1 ? fma(z, z, -square) + 2 * z * lost_by_product(x, p) - ln_2_lost : 0;
    return expm1(ln_2 - square - lost);
}

FORMULA(gaussian_symmetric_slope)
{
    return 2 * gaussian_slope(x, p);
}

FORMULA(gaussian_symmetric_curvature)
{
    return 2 * gaussian_curvature(x, p);
}

/* A rounding error of z is too large for a sine of z that is less than z times this. */
static const wide_real least_share = 4 * BPI_WIDE_EPSILON / BPI_REAL_EPSILON;

/* sin(s x), from z = s x as it is rounded, and cos(s x). Where it is needed, what z lost is added. */
FORMULA(sine_value)
{
    const wide_real z = (wide_real)p[0] * x, sine = sin(z);
    if (!(fabs(sine) < fabs(z) * least_share))
        return sine;
    const wide_real lost = lost_by_product(x, p);
    return sine * cos(lost) + cos(z) * sin(lost);
}

FORMULA(cosine_value)
{
    const wide_real z = (wide_real)p[0] * x, cosine = cos(z);
    if (!(fabs(cosine) < fabs(z) * least_share))
        return cosine;
    const wide_real lost = lost_by_product(x, p);
    return cosine * cos(lost) - sin(z) * sin(lost);
}

FORMULA(sine_slope)
{
    return (wide_real)p[0] * cosine_value(x, p);
}

FORMULA(sine_curvature)
{
    return -(wide_real)p[0] * (wide_real)p[0] * sine_value(x, p);
}

FORMULA(cosine_slope)
{
    return -(wide_real)p[0] * sine_value(x, p);
}

FORMULA(cosine_curvature)
{
    return -(wide_real)p[0] * (wide_real)p[0] * cosine_value(x, p);
}

/* (1 + sine) / 2, where the sine is negative as cosine^2 / (2 (1 - sine)). */
static wide_real half_of_1_and(wide_real sine, wide_real cosine)
{
    return sine < 0 ? cosine * cosine / (2 * (1 - sine)) : (1 + sine) / 2;
}

FORMULA(sine_01_value)
{
    return half_of_1_and(sine_value(x, p), cosine_value(x, p));
}

FORMULA(sine_01_slope)
{
    return sine_slope(x, p) / 2;
}

FORMULA(sine_01_curvature)
{
    return sine_curvature(x, p) / 2;
}

FORMULA(cosine_01_value)
{
    return half_of_1_and(cosine_value(x, p), sine_value(x, p));
}

FORMULA(cosine_01_slope)
{
    return cosine_slope(x, p) / 2;
}

FORMULA(cosine_01_curvature)
{
    return cosine_curvature(x, p) / 2;
}

/* NaN stays NaN, so that divergence is detected. */
FORMULA(threshold_value)
{
    return x < 0 ? 0 : x >= 0 ? 1 : x;
}

FORMULA(threshold_symmetric_value)
{
    return x < 0 ? -1 : x >= 0 ? 1 : x;
}

/* ------------------------------------------------------------------------- rows */

#define FORMULAS(stem)          .value = stem##_value, .slope = stem##_slope, .curvature = stem##_curvature
#define WITHOUT_CURVATURE(stem) .value = stem##_value, .slope = stem##_slope, .curvature = zero
#define STEEPNESS                                                                                            \
    {                                                                                                        \
        "steepness", 0.001, 1000, 1                                                                          \
    }

static const activation_row rows[] = {
    {KERNEL_LINEAR, "linear", WITHOUT_CURVATURE(linear), -INFINITY, INFINITY, .is_fused = true,
     .is_linear = true},
    {KERNEL_LOGISTIC, "logistic", FORMULAS(logistic), 0, 1, .is_fused = true, .saturates = true},
    {KERNEL_TANH, "tanh", FORMULAS(tanh), -1, 1, .is_fused = true, .saturates = true},
    {KERNEL_RELU, "relu", WITHOUT_CURVATURE(relu), 0, INFINITY, SUITS_HE, .is_fused = true,
     .has_kinks = true},
    {KERNEL_SOFTMAX, "softmax", .low = 0, .high = 1, .is_of_layer = true},
    /* 6 is custom */
    {KERNEL_LEAKY_RELU, "leaky_relu", WITHOUT_CURVATURE(leaky_relu), -INFINITY, INFINITY, SUITS_HE,
     .has_kinks = true, .parameter = {{"slope", 0, 1, 0.01}, STEEPNESS}},
    {KERNEL_ELU, "elu", FORMULAS(elu), -1, INFINITY, SUITS_HE, .has_kinks = true, .low_is_parameter = true,
     .parameter = {{"alpha", 0, 100, 1}}},
    {KERNEL_SELU, "selu", FORMULAS(selu), -(double)BPI_SELU_SCALE_ALPHA, INFINITY, SUITS_LECUN,
     .has_kinks = true},
    {KERNEL_SOFTPLUS, "softplus", .value = softplus_value, .slope = logistic_value,
     .curvature = logistic_slope, 0, INFINITY, SUITS_HE},
    {KERNEL_GELU, "gelu", FORMULAS(gelu), -0.16997120747990369, INFINITY, SUITS_HE},
    {KERNEL_SILU, "silu", FORMULAS(silu), -0.27846454276107380, INFINITY, SUITS_HE},
    {KERNEL_SOFTSIGN, "softsign", FORMULAS(softsign), -1, 1, .saturates = true, .parameter = {STEEPNESS}},
    {14, "softsign_01", FORMULAS(softsign_01), 0, 1, .saturates = true, .parameter = {STEEPNESS}},
    {15, "piecewise_linear", WITHOUT_CURVATURE(piecewise_linear), -1, 1, .has_kinks = true, .saturates = true,
     .parameter = {STEEPNESS}},
    {16, "piecewise_linear_01", WITHOUT_CURVATURE(piecewise_linear_01), 0, 1, .has_kinks = true,
     .saturates = true, .parameter = {STEEPNESS}},
    {KERNEL_GAUSSIAN, "gaussian", FORMULAS(gaussian), 0, 1, .parameter = {STEEPNESS}},
    {KERNEL_GAUSSIAN_SYMMETRIC, "gaussian_symmetric", FORMULAS(gaussian_symmetric), -1, 1,
     .parameter = {STEEPNESS}},
    {KERNEL_SINE, "sine", FORMULAS(sine), -1, 1, .parameter = {STEEPNESS}},
    {KERNEL_SINE_01, "sine_01", FORMULAS(sine_01), 0, 1, .parameter = {STEEPNESS}},
    {KERNEL_COSINE, "cosine", FORMULAS(cosine), -1, 1, .parameter = {STEEPNESS}},
    {KERNEL_COSINE_01, "cosine_01", FORMULAS(cosine_01), 0, 1, .parameter = {STEEPNESS}},
    {23, "threshold", .value = threshold_value, .low = 0, .high = 1, .has_kinks = true},
    {24, "threshold_symmetric", .value = threshold_symmetric_value, .low = -1, .high = 1, .has_kinks = true},
    {KERNEL_STEEP_LOGISTIC, "steep_logistic", FORMULAS(steep_logistic), 0, 1, .saturates = true,
     .parameter = {STEEPNESS}},
    {KERNEL_STEEP_TANH, "steep_tanh", FORMULAS(steep_tanh), -1, 1, .saturates = true,
     .parameter = {STEEPNESS}},
    {27, "scaled_linear", WITHOUT_CURVATURE(scaled_linear), -INFINITY, INFINITY, .is_linear = true,
     .parameter = {STEEPNESS}},
};

const activation_row *bpi_activation_rows(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

const activation_row *bpi_activation_row(int32_t kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

const activation_row *bpi_activation_row_named(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
