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

const reference_activation reference_activations[REFERENCE_ACTIVATIONS] = {
    {"logistic", bp_activation_logistic, logistic_value, logistic_slope, 0},
    {"tanh", bp_activation_tanh, tanh, tanh_slope, 0},
    {"linear", bp_activation_linear, linear_value, linear_slope, 0},
    {"relu", bp_activation_relu, relu_value, relu_slope, 1},
};

const reference_activation *reference_activation_by_name(const char *name)
{
    for (size_t i = 0; i < REFERENCE_ACTIVATIONS; i++)
        if (strcmp(reference_activations[i].name, name) == 0)
            return &reference_activations[i];
    return NULL;
}
