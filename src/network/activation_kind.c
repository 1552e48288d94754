#include "network/activation_kind.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/value_type.h"

/* The built-in activations, with the names that files and messages use. */
static const struct {
    int32_t kind;
    const char *name;
} built_in[] = {
#define ACTIVATION_ROW(name, function, value) {ACTIVATION_##name, #function},
    KERNEL_ACTIVATION_LIST(ACTIVATION_ROW)
#undef ACTIVATION_ROW
        {ACTIVATION_LINEAR, "linear"},
    {ACTIVATION_SOFTMAX, "softmax"},
};

enum { BUILT_IN = sizeof built_in / sizeof built_in[0], MAX_NAME = 31 };

bp_activation bp_activation_logistic(void)
{
    return (bp_activation){.kind = ACTIVATION_LOGISTIC};
}

bp_activation bp_activation_tanh(void)
{
    return (bp_activation){.kind = ACTIVATION_TANH};
}

bp_activation bp_activation_linear(void)
{
    return (bp_activation){.kind = ACTIVATION_LINEAR};
}

bp_activation bp_activation_relu(void)
{
    return (bp_activation){.kind = ACTIVATION_RELU};
}

bp_activation bp_activation_softmax(void)
{
    return (bp_activation){.kind = ACTIVATION_SOFTMAX};
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

/* NULL if no built-in activation has this kind. */
static const char *built_in_name(int32_t kind)
{
    for (size_t i = 0; i < BUILT_IN; i++)
        if (built_in[i].kind == kind)
            return built_in[i].name;
    return NULL;
}

const char *bp_activation_name(const bp_activation *activation)
{
    if (activation == NULL)
        return NULL;
    return activation->kind == ACTIVATION_CUSTOM ? activation->name : built_in_name(activation->kind);
}

bool bpi_activation_by_name(bp_activation *activation, const char *name)
{
    for (size_t i = 0; i < BUILT_IN; i++) {
        if (strcmp(built_in[i].name, name) == 0) {
            *activation = (bp_activation){.kind = built_in[i].kind};
            return true;
        }
    }
    return false;
}

static bp_status check_custom(const char *where, const bp_activation *activation)
{
    if (activation->name == NULL || activation->name[0] == '\0')
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: a custom activation has no name", where);
    if (strlen(activation->name) > MAX_NAME)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: the name of custom activation '%.40s' is longer than %d bytes", where,
                        activation->name, MAX_NAME);
    bp_activation same;
    if (bpi_activation_by_name(&same, activation->name))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: custom activation '%s' has the name of a built-in one", where,
                        activation->name);
    if (activation->function == NULL || activation->derivative == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the %s of custom activation '%s' is NULL", where,
                        activation->function == NULL ? "function" : "derivative", activation->name);
    return BP_OK;
}

bool bpi_activation_is_elementwise(const bp_activation *activation)
{
    return activation->kind != ACTIVATION_SOFTMAX && activation->kind != ACTIVATION_CUSTOM;
}

bp_status bpi_check_activation_of(const char *function, const char *owner, const bp_activation *activation)
{
    char where[160];
    snprintf(where, sizeof where, "%s: %s", function, owner);
    bool is_custom = activation->kind == ACTIVATION_CUSTOM;
    bool is_known = is_custom || built_in_name(activation->kind) != NULL;
    BPI_TRY(BPI_CHECK_VALUE(where, "activation", "bp_activation_*", activation, is_known));
    return is_custom ? check_custom(where, activation) : BP_OK;
}
