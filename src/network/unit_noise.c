#include "network/unit_noise.h"

#include <math.h>
#include <stdio.h>

#include "base/real.h"
#include "base/status.h"
#include "network/require.h"

bool bpi_has_noise(const bp_layer *layer)
{
    return layer->dropout > 0 || layer->noise > 0;
}

size_t bpi_layers_with_noise(const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        count += bpi_has_noise(net->layers[i]);
    return count;
}

bool bpi_is_dropout(double probability)
{
    return probability >= 0 && probability < 1;
}

bool bpi_is_deviation(double deviation)
{
    return deviation >= 0 && bpi_fits_real(deviation);
}

/* In an unrolled network, the layer that this is a copy of. */
static const bp_layer *original(const bp_layer *layer)
{
    return layer->origin == NULL ? layer : layer->origin;
}

/* In an unrolled network, the copy of a layer for step 0. */
static bool is_state(const bp_layer *layer)
{
    return layer->network->original != NULL && layer->origin == NULL;
}

void bpi_set_noise(bp_layer *layer, double dropout, double noise)
{
    bp_network *net = layer->network;
    bp_layer *origin = layer->origin;
    for (size_t i = 0; i < net->layer_count; i++) {
        bp_layer *copy = net->layers[i];
        if (copy != layer && (origin == NULL || copy->origin != origin))
            continue;
        copy->dropout = dropout;
        copy->noise = noise;
    }
    if (origin == NULL)
        return;
    origin->dropout = dropout;
    origin->noise = noise;
}

void bpi_set_all_noise(bp_network *net, const double *numbers)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        bp_layer *layer = net->layers[i];
        layer->dropout = numbers[2 * i];
        layer->noise = numbers[2 * i + 1];
        if (layer->origin == NULL)
            continue;
        layer->origin->dropout = layer->dropout;
        layer->origin->noise = layer->noise;
    }
}

bp_status bpi_check_may_drop(const char *function, const bp_layer *layer)
{
    if (original(layer)->is_output)
        return bpi_fail(
            BP_ERROR_ARGUMENT,
            "%s: layer '%s' is an output, whose units are never dropped; dropout is for inputs and "
            "hidden layers",
            function, layer->name);
    if (is_state(layer))
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: layer '%s' is the state before the first step, which is never dropped; set it "
                        "for a layer of a later step",
                        function, layer->name);
    return BP_OK;
}

bp_status bpi_check_may_have_noise(const char *function, const bp_layer *layer)
{
    if (layer->is_input)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: layer '%s' is no input; noise is for inputs", function,
                    layer->name);
}

static bp_status check_dropout(const char *function, const char *layer, double probability)
{
    if (bpi_is_dropout(probability))
        return BP_OK;
    return bpi_fail(isfinite(probability) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                    "%s: the dropout of %s is %s, it must be >= 0 and < 1", function, layer,
                    bpi_format_real(probability).text);
}

bp_status bp_layer_set_dropout(bp_layer *layer, double probability)
{
    BPI_REQUIRE(layer);
    char name[128];
    snprintf(name, sizeof name, "layer '%s'", layer->name);
    BPI_TRY(check_dropout(__func__, name, probability));
    BPI_TRY(bpi_require_finalized(__func__, layer->network));
    BPI_TRY(bpi_check_may_drop(__func__, layer));
    bpi_set_noise(layer, probability, layer->noise);
    return BP_OK;
}

bp_status bp_layer_set_noise(bp_layer *layer, double deviation)
{
    BPI_REQUIRE(layer);
    if (!bpi_is_deviation(deviation))
        return bpi_fail(
            isfinite(deviation) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
            "%s: the noise of layer '%s' is %s, its standard deviation must be >= 0 and in the range of "
            "bp_real",
            __func__, layer->name, bpi_format_real(deviation).text);
    BPI_TRY(bpi_require_finalized(__func__, layer->network));
    BPI_TRY(bpi_check_may_have_noise(__func__, layer));
    bpi_set_noise(layer, layer->dropout, deviation);
    return BP_OK;
}

static void set_all(bp_network *net, double inputs, double hidden)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        bp_layer *layer = net->layers[i];
        if (!original(layer)->is_output && !is_state(layer))
            layer->dropout = layer->is_input ? inputs : hidden;
    }
}

bp_status bp_network_set_dropout(bp_network *net, double inputs, double hidden)
{
    BPI_REQUIRE(net);
    BPI_TRY(check_dropout(__func__, "inputs", inputs));
    BPI_TRY(check_dropout(__func__, "hidden layers", hidden));
    BPI_TRY(bpi_require_finalized(__func__, net));
    set_all(net, inputs, hidden);
    if (net->original != NULL)
        set_all(net->original, inputs, hidden);
    return BP_OK;
}

double bp_layer_dropout(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->dropout;
}

double bp_layer_noise(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->noise;
}
