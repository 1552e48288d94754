#include "network/require.h"

#include "base/status.h"
#include "network/activation_kind.h"

bp_status bpi_require_unfinalized(const char *function, const bp_network *net)
{
    if (net->finalized)
        return bpi_fail(BP_ERROR_STATE, "%s: the network is finalized, its structure is fixed", function);
    return BP_OK;
}

bp_status bpi_require_finalized(const char *function, const bp_network *net)
{
    if (!net->finalized)
        return bpi_fail(BP_ERROR_STATE, "%s: the network is not finalized; call bp_network_finalize first",
                        function);
    return BP_OK;
}

bp_status bpi_require_ready(const char *function, const bp_network *net)
{
    BPI_TRY(bpi_require_finalized(function, net));
    if (!net->weights_set)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: the weights have never been set; call bp_network_initialize first", function);
    return BP_OK;
}

bp_status bpi_require_layered(const char *function, const bp_network *net)
{
    if (net->delayed_count > 0)
        return bpi_fail(BP_ERROR_STATE, "%s: the network has delayed connections; unroll it first", function);
    return BP_OK;
}

bp_status bpi_require_slopes(const char *function, const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input && !bpi_activation_has_slope(&layer->activation))
            return bpi_fail(
                BP_ERROR_UNSUPPORTED,
                "%s: layer '%s' is %s, whose slope is 0 everywhere: it can predict, but not learn; "
                "train the network with bp_activation_steep_logistic() or "
                "bp_activation_steep_tanh() there",
                function, layer->name, bp_activation_name(&layer->activation));
    }
    return BP_OK;
}
