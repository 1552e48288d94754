#include "network/activation_kind.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/value_type.h"

enum { MAX_NAME = 31 };

/* The parameters are those of a constructor; they are checked when a layer gets the activation. */
static bp_activation make(int32_t kind, double first, double second)
{
    return (bp_activation){.kind = kind, .parameter = {first, second}};
}

static bp_activation make_named(const char *name, double parameter)
{
    return make(bpi_activation_row_named(name)->kind, parameter, 0);
}

bp_activation bp_activation_logistic(void)
{
    return make(ACTIVATION_LOGISTIC, 0, 0);
}

bp_activation bp_activation_tanh(void)
{
    return make(ACTIVATION_TANH, 0, 0);
}

bp_activation bp_activation_linear(void)
{
    return make(ACTIVATION_LINEAR, 0, 0);
}

bp_activation bp_activation_relu(void)
{
    return make(ACTIVATION_RELU, 0, 0);
}

bp_activation bp_activation_softmax(void)
{
    return make(ACTIVATION_SOFTMAX, 0, 0);
}

bp_activation bp_activation_leaky_relu(double slope)
{
    return make(KERNEL_LEAKY_RELU, slope, 1);
}

bp_activation bp_activation_elu(double alpha)
{
    return make(KERNEL_ELU, alpha, 0);
}

bp_activation bp_activation_selu(void)
{
    return make(KERNEL_SELU, 0, 0);
}

bp_activation bp_activation_softplus(void)
{
    return make(KERNEL_SOFTPLUS, 0, 0);
}

bp_activation bp_activation_gelu(void)
{
    return make(KERNEL_GELU, 0, 0);
}

bp_activation bp_activation_silu(void)
{
    return make(KERNEL_SILU, 0, 0);
}

bp_activation bp_activation_softsign(double steepness)
{
    return make(KERNEL_SOFTSIGN, steepness, 0);
}

/* Those whose one parameter is the steepness. */
#define STEEP(name)                                                                                          \
    bp_activation bp_activation_##name(double steepness)                                                     \
    {                                                                                                        \
        return make_named(#name, steepness);                                                                 \
    }
STEEP(softsign_01)
STEEP(piecewise_linear)
STEEP(piecewise_linear_01)
STEEP(gaussian)
STEEP(gaussian_symmetric)
STEEP(sine)
STEEP(sine_01)
STEEP(cosine)
STEEP(cosine_01)
STEEP(steep_logistic)
STEEP(steep_tanh)
STEEP(scaled_linear)
#undef STEEP

bp_activation bp_activation_threshold(void)
{
    return make_named("threshold", 0);
}

bp_activation bp_activation_threshold_symmetric(void)
{
    return make_named("threshold_symmetric", 0);
}

bp_activation bp_activation_custom(const char *name, bp_activation_function function,
                                   bp_activation_derivative derivative, void *context)
{
    return (bp_activation){.kind = ACTIVATION_CUSTOM,
                           .function = function,
                           .derivative = derivative,
                           .context = context,
                           .name = name};
}

const char *bp_activation_name(const bp_activation *activation)
{
    if (activation == NULL)
        return NULL;
    if (activation->kind == ACTIVATION_CUSTOM)
        return activation->name;
    const activation_row *row = bpi_activation_row(activation->kind);
    return row == NULL ? NULL : row->name;
}

bool bpi_activation_by_name(bp_activation *activation, const char *name)
{
    const activation_row *row = bpi_activation_row_named(name);
    if (row == NULL)
        return false;
    *activation = make(row->kind, row->parameter[0].usual, row->parameter[1].usual);
    return true;
}

size_t bpi_activation_parameters(const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    size_t count = 0;
    while (row != NULL && count < ACTIVATION_PARAMETERS && row->parameter[count].name != NULL)
        count++;
    return count;
}

/* Names of the first version; those that came later may be in programs and files as names of custom ones. */
static bool is_name_of_first(const char *name)
{
    const activation_row *row = bpi_activation_row_named(name);
    return row != NULL && row->kind < ACTIVATION_CUSTOM;
}

static bp_status check_custom(const char *where, const bp_activation *activation)
{
    if (activation->name == NULL || activation->name[0] == '\0')
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: a custom activation has no name", where);
    if (strlen(activation->name) > MAX_NAME)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: the name of custom activation '%.40s' is longer than %d bytes", where,
                        activation->name, MAX_NAME);
    if (is_name_of_first(activation->name))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: custom activation '%s' has the name of a built-in one", where,
                        activation->name);
    if (activation->function == NULL || activation->derivative == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the %s of custom activation '%s' is NULL", where,
                        activation->function == NULL ? "function" : "derivative", activation->name);
    return BP_OK;
}

bool bpi_activation_is_fused(const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    return row != NULL && row->is_fused;
}

bool bpi_activation_needs_x(const bp_activation *activation)
{
    return !bpi_activation_is_fused(activation) && activation->kind != ACTIVATION_SOFTMAX;
}

bool bpi_activation_has_slope(const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    return row == NULL || row->slope != NULL || row->is_of_layer;
}

bool bpi_activation_saturates(const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    return row != NULL && row->saturates;
}

bool bpi_activation_is_linear(const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    return row != NULL && row->is_linear;
}

bool bpi_activation_range(const bp_activation *activation, double *low, double *high)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    *low = row == NULL ? -INFINITY : row->low_is_parameter ? row->low * activation->parameter[0] : row->low;
    *high = row == NULL ? INFINITY : row->high;
    return row != NULL;
}

static bp_status check_parameters(const char *where, const bp_activation *activation)
{
    const activation_row *row = bpi_activation_row(activation->kind);
    const size_t count = bpi_activation_parameters(activation);
    for (size_t i = 0; i < count; i++) {
        const activation_parameter *p = &row->parameter[i];
        const double value = activation->parameter[i];
        if (!(value >= p->low && value <= p->high))
            return bpi_fail(isfinite(value) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                            "%s: the %s of activation '%s' is %g; it must be %g to %g", where, p->name,
                            row->name, value, p->low, p->high);
    }
    return BP_OK;
}

bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation)
{
    char where[160];
    snprintf(where, sizeof where, "%s: %s", function, owner);
    bool is_custom = activation->kind == ACTIVATION_CUSTOM;
    bool is_known = is_custom || bpi_activation_row(activation->kind) != NULL;
    BPI_TRY(BPI_CHECK_VALUE(where, "activation", "bp_activation_*", activation, is_known));
    return is_custom ? check_custom(where, activation) : check_parameters(where, activation);
}
