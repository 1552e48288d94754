#include "reference/activations.h"

#include <math.h>
#include <string.h>

/* [RHW86] eq. 2 */
static double logistic_value(double x)
{
    return 1 / (1 + exp(-x));
}

static double logistic_slope(double x, double y)
{
    (void)x;
    return y * (1 - y);
}

static double tanh_slope(double x, double y)
{
    (void)x;
    return 1 - y * y;
}

static double linear_value(double x)
{
    return x;
}

static double linear_slope(double x, double y)
{
    (void)x, (void)y;
    return 1;
}

static double relu_value(double x)
{
    return x > 0 ? x : 0;
}

static double relu_slope(double x, double y)
{
    (void)y;
    return x > 0 ? 1 : 0;
}

/* The others with the usual parameters, but for a steepness and an alpha. Their slopes are functions of x. */

static double leaky_relu_value(double x)
{
    return x > 0 ? x : 0.1 * x;
}

static double leaky_relu_slope(double x, double y)
{
    (void)y;
    return x > 0 ? 1 : 0.1;
}

static bp_activation make_leaky_relu(void)
{
    return bp_activation_leaky_relu(0.1);
}

static double elu_value(double x)
{
    return x > 0 ? x : 0.5 * (exp(x) - 1);
}

static double elu_slope(double x, double y)
{
    (void)y;
    return x > 0 ? 1 : 0.5 * exp(x);
}

static bp_activation make_elu(void)
{
    return bp_activation_elu(0.5);
}

static const double selu_lambda = 1.0507009873554805, selu_alpha = 1.6732632423543772;

static double selu_value(double x)
{
    return selu_lambda * (x > 0 ? x : selu_alpha * (exp(x) - 1));
}

static double selu_slope(double x, double y)
{
    (void)y;
    return selu_lambda * (x > 0 ? 1 : selu_alpha * exp(x));
}

static double softplus_value(double x)
{
    return x > 0 ? x + log(1 + exp(-x)) : log(1 + exp(x));
}

static double softplus_slope(double x, double y)
{
    (void)y;
    return logistic_value(x);
}

static double gelu_value(double x)
{
    return x * (1 + erf(x / sqrt(2))) / 2;
}

static double gelu_slope(double x, double y)
{
    (void)y;
    return (1 + erf(x / sqrt(2))) / 2 + x * exp(-x * x / 2) / sqrt(2 * acos(-1));
}

static double silu_value(double x)
{
    return x * logistic_value(x);
}

static double silu_slope(double x, double y)
{
    const double share = logistic_value(x);
    (void)y;
    return share + x * share * (1 - share);
}

static double softsign_value(double x)
{
    return 2 * x / (1 + fabs(2 * x));
}

static double softsign_slope(double x, double y)
{
    (void)y;
    return 2 / ((1 + fabs(2 * x)) * (1 + fabs(2 * x)));
}

static bp_activation make_softsign(void)
{
    return bp_activation_softsign(2);
}

static double softsign_01_value(double x)
{
    return (1 + x / (1 + fabs(x))) / 2;
}

static double softsign_01_slope(double x, double y)
{
    (void)y;
    return 0.5 / ((1 + fabs(x)) * (1 + fabs(x)));
}

static double piecewise_linear_value(double x)
{
    return fmax(-1, fmin(1, x));
}

static double piecewise_linear_slope(double x, double y)
{
    (void)y;
    return x > -1 && x < 1 ? 1 : 0;
}

static double piecewise_linear_01_value(double x)
{
    return fmax(0, fmin(1, x));
}

static double piecewise_linear_01_slope(double x, double y)
{
    (void)y;
    return x > 0 && x < 1 ? 1 : 0;
}

static double gaussian_value(double x)
{
    return exp(-x * x);
}

static double gaussian_slope(double x, double y)
{
    return -2 * x * y;
}

static double gaussian_symmetric_value(double x)
{
    return 2 * exp(-x * x) - 1;
}

static double gaussian_symmetric_slope(double x, double y)
{
    return -2 * x * (y + 1);
}

static double sine_value(double x)
{
    return sin(1.5 * x);
}

static double sine_slope(double x, double y)
{
    (void)y;
    return 1.5 * cos(1.5 * x);
}

static double sine_01_value(double x)
{
    return (1 + sin(x)) / 2;
}

static double sine_01_slope(double x, double y)
{
    (void)y;
    return cos(x) / 2;
}

static double cosine_slope(double x, double y)
{
    (void)y;
    return -sin(x);
}

static double cosine_01_value(double x)
{
    return (1 + cos(x)) / 2;
}

static double cosine_01_slope(double x, double y)
{
    (void)y;
    return -sin(x) / 2;
}

static double steep_logistic_value(double x)
{
    return logistic_value(1.5 * x);
}

static double steep_logistic_slope(double x, double y)
{
    (void)x;
    return 1.5 * y * (1 - y);
}

static double steep_tanh_value(double x)
{
    return tanh(1.5 * x);
}

static double steep_tanh_slope(double x, double y)
{
    (void)x;
    return 1.5 * (1 - y * y);
}

static double scaled_linear_value(double x)
{
    return 1.5 * x;
}

static double scaled_linear_slope(double x, double y)
{
    (void)x, (void)y;
    return 1.5;
}

#define STEEP(name, steepness)                                                                               \
    static bp_activation make_##name(void)                                                                   \
    {                                                                                                        \
        return bp_activation_##name(steepness);                                                              \
    }
STEEP(softsign_01, 1)
STEEP(piecewise_linear, 1)
STEEP(piecewise_linear_01, 1)
STEEP(gaussian, 1)
STEEP(gaussian_symmetric, 1)
STEEP(sine, 1.5)
STEEP(sine_01, 1)
STEEP(cosine, 1)
STEEP(cosine_01, 1)
STEEP(steep_logistic, 1.5)
STEEP(steep_tanh, 1.5)
STEEP(scaled_linear, 1.5)

enum { AT_0 = REFERENCE_KINK_AT_0, AT_1 = REFERENCE_KINKS_AT_1 };

const reference_activation reference_activations[REFERENCE_ACTIVATIONS] = {
    {"logistic", bp_activation_logistic, logistic_value, logistic_slope, 0},
    {"tanh", bp_activation_tanh, tanh, tanh_slope, 0},
    {"linear", bp_activation_linear, linear_value, linear_slope, 0},
    {"relu", bp_activation_relu, relu_value, relu_slope, AT_0},
    {"leaky_relu", make_leaky_relu, leaky_relu_value, leaky_relu_slope, AT_0},
    {"elu", make_elu, elu_value, elu_slope, AT_0},
    {"selu", bp_activation_selu, selu_value, selu_slope, AT_0},
    {"softplus", bp_activation_softplus, softplus_value, softplus_slope, 0},
    {"gelu", bp_activation_gelu, gelu_value, gelu_slope, 0},
    {"silu", bp_activation_silu, silu_value, silu_slope, 0},
    {"softsign", make_softsign, softsign_value, softsign_slope, AT_0},
    {"softsign_01", make_softsign_01, softsign_01_value, softsign_01_slope, AT_0},
    {"piecewise_linear", make_piecewise_linear, piecewise_linear_value, piecewise_linear_slope, AT_1},
    {"piecewise_linear_01", make_piecewise_linear_01, piecewise_linear_01_value, piecewise_linear_01_slope,
     AT_0 | AT_1},
    {"gaussian", make_gaussian, gaussian_value, gaussian_slope, 0},
    {"gaussian_symmetric", make_gaussian_symmetric, gaussian_symmetric_value, gaussian_symmetric_slope, 0},
    {"steep_logistic", make_steep_logistic, steep_logistic_value, steep_logistic_slope, 0},
    {"steep_tanh", make_steep_tanh, steep_tanh_value, steep_tanh_slope, 0},
    {"scaled_linear", make_scaled_linear, scaled_linear_value, scaled_linear_slope, 0},
    {"sine", make_sine, sine_value, sine_slope, 0},
    {"sine_01", make_sine_01, sine_01_value, sine_01_slope, 0},
    {"cosine", make_cosine, cos, cosine_slope, 0},
    {"cosine_01", make_cosine_01, cosine_01_value, cosine_01_slope, 0},
};

const reference_activation *reference_activation_by_name(const char *name)
{
    for (size_t i = 0; i < REFERENCE_ACTIVATIONS; i++)
        if (strcmp(reference_activations[i].name, name) == 0)
            return &reference_activations[i];
    return NULL;
}

int reference_is_periodic(const reference_activation *activation)
{
    return activation >= reference_activations + REFERENCE_ACTIVATIONS - REFERENCE_PERIODIC;
}
