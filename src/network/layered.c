/* bp_network_create_layered: a network with each layer connected to the next. */
#include <stdio.h>

#include "base/status.h"
#include "network/activation_kind.h"
#include "network/connection.h"
#include "network/layer.h"
#include "network/network.h"
#include "network/structure.h"

/* Adds layer `index` of `layers` and connects it to the one before. */
static bp_status add_next(bp_network *net, const char *function, size_t index, size_t layers, size_t units,
                          const bp_activation *activation)
{
    char name[32] = "input";
    if (index == layers - 1)
        snprintf(name, sizeof name, "output");
    else if (index > 0)
        snprintf(name, sizeof name, "hidden%zu", index);
    bp_layer *layer;
    BPI_TRY(bpi_add_layer(&layer, function, net, name, units, index == 0 ? NULL : activation));
    return index == 0 ? BP_OK : bpi_connect(NULL, function, net, net->layers[index - 1], layer);
}

static bp_status build_layered(bp_network *net, const char *function, const size_t *units, size_t layers,
                               const bp_activation *hidden, const bp_activation *output)
{
    for (size_t i = 0; i < layers; i++)
        BPI_TRY(add_next(net, function, i, layers, units[i], i == layers - 1 ? output : hidden));
    return bpi_finalize(function, net);
}

static bp_status check_layered(const char *function, const size_t *units, size_t layers)
{
    if (layers < 2)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: layers is %zu, it must be at least 2", function, layers);
    for (size_t i = 0; i < layers; i++)
        if (units[i] == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: units[%zu] is 0", function, i);
    return BP_OK;
}

bp_status bp_network_create_layered(bp_network **out, const size_t *units, size_t layers,
                                    bp_activation hidden, bp_activation output)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(units);
    BPI_TRY(check_layered(__func__, units, layers));
    BPI_TRY(bpi_check_activation_of(__func__, "hidden", &hidden));
    BPI_TRY(bpi_check_activation_of(__func__, "output", &output));
    bp_network *net = NULL;
    BPI_TRY(bpi_network_create(&net, __func__, NULL));
    bp_status status = build_layered(net, __func__, units, layers, &hidden, &output);
    if (status != BP_OK) {
        bp_network_destroy(net);
        return status;
    }
    *out = net;
    return BP_OK;
}
